/** Forms with data-waiting go through the phone's own store (waiting.js): at once when there is signal, else later.
 *  data-waiting: the kind of work; data-waiting-title: the field that names it; data-waiting-page: where it is told.
 *  Mistakes that the market finds at once are shown by the page itself, as without script. */
import { drop, flush, list, newId, oneWithFiles, possible, put } from "./waiting.js";

if (possible) for (const form of document.querySelectorAll("form[data-waiting]")) bind(form);

async function bind(form) {
  const id = form.elements.sent_id;
  const status = form.querySelector("[data-waiting-status]");
  const mended = new URLSearchParams(location.hash.slice(1)).get("waiting");

  const open = () => {
    delete form.dataset.keeping;
    for (const button of form.querySelectorAll("button[data-busy]")) {
      button.removeAttribute("aria-disabled");
      delete button.dataset.busy;
    }
    status.textContent = "";
  };

  const shut = (button) => {
    form.dataset.keeping = "yes";
    button?.setAttribute("aria-disabled", "true");
    if (button) button.dataset.busy = "yes";
    status.textContent = status.dataset.sending;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.keeping) return;
    shut(event.submitter);
    try {
      await put(workOf(form));
    } catch {
      status.textContent = status.dataset.full;
      form.submit(); // as it would go without the store
      return;
    }
    if (navigator.onLine) await flush().catch(() => 0);
    await goOn(form);
  });

  // a page that the phone kept, or that somebody came back to, must not give its old id to other goods
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    open();
    id.value = newId();
  });
  if (!form.querySelector("[aria-invalid]")) id.value = newId();
  if (mended) await fill(form, mended);
}

/** What the form says, as a work: its text fields, and its files beside them. */
function workOf(form) {
  const said = [...new FormData(form)].filter(([name]) => name !== "csrf");
  return {
    id: form.elements.sent_id.value,
    kind: form.dataset.waiting,
    title: form.elements[form.dataset.waitingTitle].value,
    address: new URL(form.action).pathname,
    fields: said.filter(([, value]) => typeof value === "string"),
    files: said.filter(([, value]) => value instanceof File && value.size).map(([field, file]) => ({ field, file })),
  };
}

/** To where the market says when it was sent; to its mistakes when it was refused; else to what waits. */
async function goOn(form) {
  const work = (await list()).find((one) => one.id === form.elements.sent_id.value);
  if (work?.state === "sent" && work.answer?.url) location.assign(work.answer.url);
  else if (work?.state === "failed" && navigator.onLine) await showMistakes(form, work.id);
  else location.assign(form.dataset.waitingPage);
}

/** Sends the form the ordinary way, with the photos that the market has already named instead of sent again. */
async function showMistakes(form, id) {
  const work = await oneWithFiles(id);
  const sent = work.blobs.filter((file) => file.doneAt);
  for (const input of form.querySelectorAll("input[type=file]")) {
    const there = sent.filter((file) => file.field === input.name);
    if (!there.length) continue;
    const left = new DataTransfer();
    for (const file of work.blobs) if (file.field === input.name && !file.doneAt) left.items.add(file.blob);
    input.files = left.files;
    form.append(...there.map((file) => hidden(`${input.name}_upload`, file.id)));
  }
  await drop(id);
  form.submit();
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

/** Puts what waited back into the form, to be mended; it keeps its id. */
async function fill(form, id) {
  const work = await oneWithFiles(id);
  if (!work || work.state === "sent" || work.kind !== form.dataset.waiting) return;
  const said = new Map(work.fields.filter(([name]) => form.elements[name]));
  for (const [name, value] of work.fields) if (!form.elements[name]) form.append(hidden(name, value));
  for (const [name, value] of said) {
    const field = form.elements[name];
    if (field.type === "file") continue;
    field.value = value;
    if (field.type !== "hidden") field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const [name, value] of said) if (form.elements[name].type === "hidden") form.elements[name].value = value;
  for (const input of form.querySelectorAll("input[type=file]")) {
    const holder = new DataTransfer();
    for (const file of work.blobs) if (file.field === input.name) holder.items.add(fileOf(file));
    input.files = holder.files;
    if (holder.files.length) input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

const fileOf = ({ blob, name }) => (blob instanceof File ? blob : new File([blob], name || "photo.jpg", { type: blob.type }));
