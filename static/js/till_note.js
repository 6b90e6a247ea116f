/** Sales noted in the phone: kept by waiting.js under an id made here, sent once when there is signal. One that the
 *  market refused is mended here (#waiting=id): noted anew at the time it was sold, the old note goes. */
import { grouped } from "./money_field.js";
import { drop, flush, list, newId, oneWithFiles, possible, put } from "./waiting.js";

const KIND = "till";
const ROWS_SHOWN = 12;
const OLD_MS = 29 * 86_400_000;
const form = document.querySelector("[data-till-note]");
const place = document.querySelector("[data-till-waiting]");

if (form && possible) {
  form.addEventListener("submit", note);
  window.addEventListener("waiting-work", draw);
  window.addEventListener("hashchange", mend);
  draw();
  mend();
}

/** Puts the sum of a refused note back into the field. */
async function mend() {
  const work = await oneWithFiles(new URLSearchParams(location.hash.slice(1)).get("waiting") ?? "");
  if (work?.kind !== KIND) return;
  const said = Object.fromEntries(work.fields);
  form.dataset.mended = work.id;
  form.dataset.soldAt = said.made_at ?? "";
  form.elements.amount.value = grouped(said.amount ?? "");
  form.elements.amount.focus();
}

/** When it was sold; now, unless a mended note says a time that can be. */
function soldAt() {
  const age = Date.now() - Date.parse(form.dataset.soldAt ?? "");
  return age >= 0 && age < OLD_MS ? form.dataset.soldAt : new Date().toISOString();
}

async function note(event) {
  event.preventDefault();
  const amount = form.elements.amount.value.replace(/\D/g, "");
  if (!Number(amount)) return form.elements.amount.focus();
  const way = event.submitter?.value ?? "cash";
  const id = newId();
  const title = `${grouped(amount)} ₫ · ${form.dataset[way]}`;
  const fields = [["client_key", id], ["way", way], ["amount", amount], ["made_at", soldAt()]];
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
  if (form.dataset.mended) await drop(form.dataset.mended);
  delete form.dataset.mended;
  delete form.dataset.soldAt;
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
