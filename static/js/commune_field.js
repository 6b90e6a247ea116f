/** A commune found while typing: rows under the field. The code of the one chosen goes along hidden. */
import { offerRows } from "./combobox.js";

for (const box of document.querySelectorAll("[data-commune-field]")) bind(box);

function bind(box) {
  const input = box.querySelector("input[name=commune]");
  offerRows(input, {
    address: box.dataset.communeField,
    words: (item) => item.label,
    take: (item) => {
      input.value = item.label;
      codeOf(box).value = item.code;
    },
    typed: () => { codeOf(box).value = ""; },
  });
}

/** The hidden code; choices that the server had asked for give way to it once somebody types again. */
function codeOf(box) {
  box.querySelector("[data-commune-choices]")?.remove();
  box.querySelector("[name=commune_asked]")?.remove();
  let code = box.querySelector("input[type=hidden][name=commune_code]");
  if (!code) {
    code = document.createElement("input");
    code.type = "hidden";
    code.name = "commune_code";
    box.append(code);
  }
  return code;
}
