/** What is asked at a door: [data-round-dialog="act"] holds a form; its fields and files become one work. Acts without a
 *  dialog are written at once. */
import { newId } from "./waiting.js";

const CODE = /^\d{6}$/;

/** `write(id, stop, act, fields, files)` keeps the work; it rejects when the phone has no room. */
export function bindForms(place, write) {
  place.addEventListener("stop-act", async ({ detail: { stop, act } }) => {
    const dialog = place.querySelector(`[data-round-dialog="${act}"]`);
    if (dialog) return open(dialog, stop, act);
    return write(newId(), stop, act, [], []).catch(() => tell(place));
  });
  for (const dialog of place.querySelectorAll("[data-round-dialog]")) bind(dialog, place, write);
}

function open(dialog, stop, act) {
  const form = dialog.querySelector("form");
  form.reset();
  for (const input of form.querySelectorAll("input[type=file]")) input.value = "";
  form.querySelector("[data-signature-clear]")?.click();
  dialog.stop = stop;
  dialog.act = act;
  dialog.workId = newId();
  askForCash(form.querySelector("[data-cash]"), stop);
  dialog.querySelector('[data-slot="who"]').textContent = [stop.name, stop.line, stop.place].filter(Boolean).join(", ");
  fault(dialog, "");
  askAge(form, Boolean(stop.adult));
  show(form);
  dialog.showModal();
}

function bind(dialog, place, write) {
  const form = dialog.querySelector("form");
  dialog.querySelector("[data-round-close]").addEventListener("click", () => dialog.close());
  form.addEventListener("change", () => show(form));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!dialog.stop) return;
    const wrong = lacks(form);
    if (wrong) return fault(dialog, wrong);
    const said = [...new FormData(form)].filter(([name]) => name !== "csrf" && name !== "by");
    const fields = said.filter(([, value]) => typeof value === "string" && value !== "");
    const files = said.filter(([, value]) => value instanceof File && value.size).map(([field, file]) => ({ field, file }));
    const { stop, act, workId } = dialog;
    dialog.stop = null; // pressed twice is one act
    try {
      await write(workId, stop, act, fields, files);
      dialog.close();
    } catch {
      dialog.stop = stop;
      fault(dialog, place.dataset.full);
    }
    return undefined;
  });
}

/** The sum to be taken at this door in big digits; ticked, it goes with the delivery. */
function askForCash(box, stop) {
  if (!box) return;
  const taken = box.querySelector("input");
  box.hidden = taken.disabled = !stop.cash_dong;
  taken.value = stop.cash_dong || "";
  box.querySelector('[data-slot="cash"]').textContent = stop.cash;
}

/** The age is asked for alcohol only, and only alcohol comes back because of it. */
function askAge(form, isAdultOnly) {
  for (const part of form.querySelectorAll("[data-adult-only]")) {
    part.hidden = !isAdultOnly;
    for (const input of part.querySelectorAll("input")) input.disabled = !isAdultOnly;
  }
  const underage = form.querySelector('[name="reason"][value="recipient_underage"]');
  if (!underage) return;
  underage.disabled = !isAdultOnly;
  underage.closest("label").hidden = !isAdultOnly;
}

/** Only the chosen way to prove it is asked and sent. */
function show(form) {
  const by = form.elements.by?.value;
  for (const part of form.querySelectorAll("[data-way]")) {
    part.hidden = part.dataset.way !== by;
    for (const input of part.querySelectorAll("input")) input.disabled = part.hidden;
  }
}

/** The sentence for what is missing; empty when all is there. A slip of the tongue in the code shows without signal. */
function lacks(form) {
  const taken = form.elements.collected;
  if (taken && !taken.disabled && !taken.checked) return form.dataset.lacksCash;
  const by = form.elements.by?.value;
  const age = form.elements.age_checked;
  if (age && !age.disabled && !age.checked) return form.dataset.lacksAge;
  if (by === "photo" && !form.elements.photo.files.length) return form.dataset.lacksPhoto;
  if (by === "signature" && !form.elements.signature.files.length) return form.dataset.lacksSignature;
  if (by === "code" && !fits(form.elements.delivery_code.value.replace(/\D/g, ""))) return form.dataset.lacksCode;
  if (form.elements.reason && !form.elements.reason.value) return form.dataset.lacksReason;
  if (form.elements.reason?.value === "other" && !form.elements.note.value.trim()) return form.dataset.lacksNote;
  return "";
}

/** ISO 7064, MOD 11,10: the last digit checks the five before it. */
export function fits(code) {
  if (!CODE.test(code)) return false;
  let check = 5;
  for (const digit of code) check = (((check || 10) * 2) % 11 + Number(digit)) % 10;
  return check === 1;
}

function fault(dialog, words) {
  const place = dialog.querySelector("[data-round-fault]");
  place.hidden = !words;
  place.querySelector("span").textContent = words;
}

function tell(place) {
  place.querySelector('[data-slot="told"]').textContent = place.dataset.full;
}
