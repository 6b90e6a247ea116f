/** Sums with data-money-field show thousands while typing («35.000»); the server gets bare digits.
 *  Words are left alone: «35 nghìn» and «1,2 triệu» go to the server as they were typed. */
const isFigure = (text) => /^[\d.\s]*$/.test(text);
const onlyDigits = (text) => text.replace(/\D/g, "").replace(/^0+(?=\d)/, "");

export const grouped = (text) => onlyDigits(text).replace(/\B(?=(\d{3})+$)/g, ".");

/** Where the caret goes so that as many digits stand behind it as before. */
export function caretAfter(text, digitsBehind) {
  let left = digitsBehind;
  let place = text.length;
  while (place > 0 && left > 0) {
    place -= 1;
    if (/\d/.test(text[place])) left -= 1;
  }
  return place;
}

function redraw(input) {
  if (!isFigure(input.value)) return;
  const digitsBehind = input.value.slice(input.selectionEnd ?? input.value.length).replace(/\D/g, "").length;
  input.value = grouped(input.value);
  if (document.activeElement !== input) return;
  const place = caretAfter(input.value, digitsBehind);
  input.setSelectionRange(place, place);
}

for (const input of document.querySelectorAll("[data-money-field]")) {
  redraw(input);
  input.addEventListener("input", (event) => { if (!event.isComposing) redraw(input); });
  input.form?.addEventListener("formdata", (event) => {
    if (input.name && !input.disabled && isFigure(input.value)) event.formData.set(input.name, onlyDigits(input.value));
  });
}
