/** Big keys under the till's sum; goods that are tapped add up in it. Without script the field takes the sum itself. */
import { grouped } from "./money_field.js";

const DIGITS_MAX = 9;
const form = document.querySelector("[data-till-form]");
const amount = form?.querySelector("[data-till-amount]");
const keys = form?.querySelector("[data-till-keys]");

if (keys) {
  keys.hidden = false;
  amount.inputMode = "none";
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("[data-till-key]")?.dataset.tillKey;
    if (key) press(key);
  });
  form.addEventListener("input", (event) => { if (event.target.dataset.price) addUp(); });
}

function press(key) {
  const digits = amount.value.replace(/\D/g, "");
  const typed = key === "back" ? digits.slice(0, -1) : digits + key;
  if (typed.replace(/^0+/, "").length <= DIGITS_MAX) amount.value = grouped(typed);
  if (amount.value === "0") amount.value = "";
}

function addUp() {
  const counts = [...form.querySelectorAll("[data-price]")];
  const sum = counts.reduce((all, one) => all + Number(one.dataset.price) * Math.max(0, Math.trunc(Number(one.value) || 0)), 0);
  amount.value = sum ? grouped(String(sum)) : "";
}
