/** Sales noted in the phone: kept by waiting.js under an id made here, sent once when there is signal. */
import { grouped } from "./money_field.js";
import { flush, list, newId, possible, put } from "./waiting.js";

const KIND = "till";
const ROWS_SHOWN = 12;
const form = document.querySelector("[data-till-note]");
const place = document.querySelector("[data-till-waiting]");

if (form && possible) {
  form.addEventListener("submit", note);
  window.addEventListener("waiting-work", draw);
  draw();
}

async function note(event) {
  event.preventDefault();
  const amount = form.elements.amount.value.replace(/\D/g, "");
  if (!Number(amount)) return form.elements.amount.focus();
  const way = event.submitter?.value ?? "cash";
  const id = newId();
  const title = `${grouped(amount)} ₫ · ${form.dataset[way]}`;
  const fields = [["client_key", id], ["way", way], ["amount", amount], ["made_at", new Date().toISOString()]];
  const told = document.querySelector("[data-till-noted]");
  form.elements.amount.value = ""; // at once: the next sum may be typed before this one is kept
  try {
    await put({ id, kind: KIND, title, address: new URL(form.action).pathname, fields });
  } catch {
    told.textContent = form.dataset.full;
    form.elements.amount.value ||= amount;
    return undefined;
  }
  told.textContent = title;
  if (navigator.onLine) await flush().catch(() => 0);
  return draw();
}

async function draw() {
  const works = (await list()).filter((work) => work.kind === KIND).reverse().slice(0, ROWS_SHOWN);
  place.hidden = works.length === 0;
  place.querySelector("[data-till-rows]").replaceChildren(...works.map(row));
}

function row(work) {
  const line = document.createElement("li");
  line.className = "list-row";
  line.dataset.state = work.state;
  const name = document.createElement("span");
  name.className = "list-title";
  name.textContent = work.title;
  const state = document.createElement("span");
  state.className = "quiet";
  state.textContent = [place.dataset[`words${work.state[0].toUpperCase()}${work.state.slice(1)}`], work.words].filter(Boolean).join(": ");
  line.append(name, " ", state);
  return line;
}
