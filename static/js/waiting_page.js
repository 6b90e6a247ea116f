/** The list of what waits, was sent or failed ([data-waiting-list]), with a button each for what to do about it. */
import { drop, list, possible, retry } from "./waiting.js";

const SURE_MS = 6000;

if (possible) for (const place of document.querySelectorAll("[data-waiting-list]")) bind(place);

function bind(place) {
  const rows = place.querySelector("[data-waiting-rows]");
  const told = place.querySelector("[data-waiting-told]");

  const draw = async () => {
    const works = (await list()).reverse();
    const order = { failed: 0, sending: 1, waiting: 1, sent: 2 };
    works.sort((one, other) => order[one.state] - order[other.state]);
    const there = new Map([...rows.children].map((row) => [row.dataset.id, row]));
    const wanted = works.map((work) => filled(there.get(work.id) ?? fresh(work), work, place));
    for (const row of there.values()) if (!wanted.includes(row)) row.remove();
    // only rows in a wrong place move: moving one would take the focus off its buttons
    wanted.forEach((row, at) => { if (rows.children[at] !== row) rows.insertBefore(row, rows.children[at] ?? null); });
    place.querySelector("[data-waiting-none]").hidden = works.length > 0;
    place.querySelector("[data-waiting-sign-in]").hidden = !works.some((work) => work.why === "sign-in");
  };

  const fresh = (work) => {
    const row = place.querySelector("[data-waiting-row]").content.firstElementChild.cloneNode(true);
    row.dataset.id = work.id;
    const form = work.kind === "till" ? place.dataset.mendTill : place.dataset.mend;
    row.querySelector('[data-act="mend"]').href = `${form}#waiting=${encodeURIComponent(work.id)}`;
    row.querySelector('[data-act="retry"]').addEventListener("click", () => retry(work.id));
    row.querySelector('[data-act="drop"]').addEventListener("click", (event) => askDrop(event.currentTarget, row));
    return row;
  };

  /** The first press asks, the second within some seconds throws away. */
  const askDrop = async (button, row) => {
    const words = button.querySelector("span");
    if (!button.dataset.sure) {
      const before = words.textContent;
      button.dataset.sure = "yes";
      words.textContent = place.dataset.sure;
      setTimeout(() => { delete button.dataset.sure; words.textContent = before; }, SURE_MS);
      return;
    }
    const next = row.nextElementSibling ?? row.previousElementSibling;
    await drop(row.dataset.id);
    await draw();
    told.textContent = place.dataset.gone;
    (next?.querySelector('[data-slot="title"]') ?? document.querySelector("main")).focus();
  };

  window.addEventListener("waiting-work", draw);
  draw();
}

function filled(row, work, place) {
  const slot = (name) => row.querySelector(`[data-slot="${name}"]`);
  const act = (name) => row.querySelector(`[data-act="${name}"]`);
  const when = new Date(work.madeAt).toLocaleString(place.dataset.lang, { dateStyle: "short", timeStyle: "short" });
  say(slot("title"), work.title);
  say(slot("when"), work.files ? `${when} · ${work.files} ${place.dataset.files}` : when);
  say(slot("why"), whyOf(work, place));
  slot("why").hidden = !slot("why").textContent;
  if (row.dataset.state !== work.state) {
    slot("pill").replaceChildren(place.querySelector(`[data-pill="${work.state}"]`).content.cloneNode(true));
  }
  row.dataset.state = work.state;
  slot("progress").hidden = work.state !== "sending" || !work.bytes;
  slot("progress").value = work.bytes ? work.sentBytes / work.bytes : 0;
  act("retry").hidden = !(work.state === "failed" || (work.state === "waiting" && work.why && work.why !== "sign-in"));
  act("mend").hidden = !(work.state === "failed" || work.state === "waiting");
  act("drop").hidden = work.state === "sending";
  return row;
}

function whyOf(work, place) {
  if (!work.why) return "";
  const reason = place.dataset[`why${work.why.split("-").map((part) => part[0].toUpperCase() + part.slice(1)).join("")}`] ?? "";
  return work.why === "refused" && work.words ? work.words : reason;
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
