/** [data-goods-name]: products of the catalogue under the name; choosing one fills kind, unit and weight and goes on to the price. */
import { offerRows } from "./combobox.js";

const FILLED = ["kind", "unit", "weight_g"];

for (const input of document.querySelectorAll("[data-goods-name]")) {
  offerRows(input, {
    address: input.dataset.goodsName,
    words: (item) => `${item.name} (${item.unit})`,
    take: (item) => {
      input.value = item.name;
      for (const name of FILLED) fill(input.form.elements[name], item[name]);
      input.form.elements.price_dong?.focus();
    },
  });
}

function fill(field, value) {
  if (!field) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
