/** A commune found while typing: rows under the field, chosen by finger, mouse or arrow keys. Its code goes along hidden. */
const PATIENCE_MS = 150;

for (const box of document.querySelectorAll("[data-commune-field]")) bind(box);

function bind(box) {
  const input = box.querySelector("input[name=commune]");
  const list = document.createElement("ul");
  list.id = `${input.id}-rows`;
  list.className = "commune-rows";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  input.closest(".field-box").parentElement.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }
  let timer = 0;
  let asking = null;
  let chosen = -1;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    const rows = [...list.children];
    if (!rows.length) return;
    chosen = (index + rows.length) % rows.length;
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    input.setAttribute("aria-activedescendant", rows[chosen].id);
    rows[chosen].scrollIntoView({ block: "nearest" });
  };

  const take = (row) => {
    input.value = row.textContent;
    codeOf(box).value = row.dataset.code;
    close();
  };

  const ask = async () => {
    asking?.abort();
    const words = input.value.trim();
    if (words.length < 2) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.communeField}?q=${encodeURIComponent(words)}`, { signal: asking.signal });
      if (!answer.ok) return close();
      show((await answer.json()).items);
    } catch (gone) {
      if (gone.name !== "AbortError") close();
    }
  };

  const show = (items) => {
    list.replaceChildren(...items.map((item, at) => {
      const row = document.createElement("li");
      row.id = `${list.id}-${at}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.dataset.code = item.code;
      row.textContent = item.label;
      return row;
    }));
    chosen = -1;
    list.hidden = !items.length || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  input.addEventListener("input", () => {
    codeOf(box).value = "";
    clearTimeout(timer);
    timer = setTimeout(ask, PATIENCE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-code]");
    if (row) take(row);
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
