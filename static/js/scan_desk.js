/** [data-scan-stays]: scan after scan without leaving the page, as fast as a hand scanner types. Each scan goes out under
 *  an id of its own, one after the other; the field is free again at once. */
import { ask } from "./asking.js";
import { tell } from "./scan_sound.js";
import { newId } from "./waiting.js";

const ROWS_SHOWN = 30;
const form = document.querySelector("[data-scan-stays]");
const log = document.querySelector("[data-scan-log]");
const left = [];
let busy = false;
let right = 0;

if (form && log) {
  form.addEventListener("submit", (event) => {
    const code = form.elements.code.value.trim();
    if (!code) return; // the page itself says what is missing
    event.preventDefault();
    const said = new URLSearchParams(new FormData(form));
    said.set("event_key", `scan:${newId()}`);
    form.elements.code.value = "";
    if (form.elements.weighed_g) form.elements.weighed_g.value = "";
    form.elements.code.focus();
    document.querySelector("[data-scan-result]")?.remove();
    left.push({ code, said });
    work();
  });
  // a hand scanner types wherever the focus is
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, button, a");
    if (!typing && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) form.elements.code.focus();
  });
}

async function work() {
  if (busy) return;
  busy = true;
  while (left.length) {
    const { code, said } = left.shift();
    const told = await send(code, said);
    tell(told.sound);
    show(told);
  }
  busy = false;
}

async function send(code, said) {
  try {
    const answer = await ask(form.action, { method: "POST", body: said, headers: { accept: "application/json" } });
    const told = await answer.json();
    return answer.ok ? told : { sound: "wrong", words: told.title, code };
  } catch {
    return { sound: "wrong", words: log.dataset.noSignal, code };
  }
}

function show({ sound, words, code, contents = "", url = "", differs = false }) {
  log.hidden = false;
  if (sound === "right") right += 1;
  log.querySelector("[data-scan-count]").textContent = right;
  log.querySelector("[data-scan-status]").textContent = `${code}: ${words}`;
  const row = document.createElement("li");
  row.className = "list-row scan-row";
  row.dataset.sound = differs ? "differs" : sound;
  const text = document.createElement("div");
  text.className = "list-words";
  const title = document.createElement(url ? "a" : "span");
  title.className = "list-title code-text";
  title.textContent = code;
  if (url) title.href = url;
  text.append(title, line(words), line(contents));
  row.append(text);
  const rows = log.querySelector("[data-scan-rows]");
  rows.prepend(row);
  while (rows.children.length > ROWS_SHOWN) rows.lastChild.remove();
}

function line(words) {
  const made = document.createElement("p");
  made.textContent = words;
  return made;
}
