/** [data-round]: a carrier's round. It opens without signal from the phone's own store; what is done at a door is kept
 *  by waiting.js under an id of its own and sent when there is signal. */
import { NotSent, ask, demandGood } from "./asking.js";
import { bindForms } from "./round_forms.js";
import { keepRound, keptRound } from "./round_store.js";
import { here, nearestNext } from "./round_way.js";
import { drop, flush, list, owner, possible, put, retry } from "./waiting.js";

const KIND = "round";
const ORDER = "round-order";
const place = document.querySelector("[data-round]");
let round = null;
let works = [];
let arranging = false;

if (place && possible) start();

async function start() {
  place.hidden = false;
  document.querySelector("[data-round-plain]")?.remove();
  bindForms(place, write);
  for (const button of place.querySelectorAll("[data-round-act]")) button.addEventListener("click", () => ACTS[button.dataset.roundAct](button));
  window.addEventListener("waiting-work", hear);
  window.addEventListener("online", fetchRound);
  round = await keptRound(owner()).catch(() => null);
  await draw();
  await fetchRound();
}

const ACTS = {
  near: async () => { await reorder(nearestNext(round.stops, await here())); },
  arrange: (button) => {
    arranging = !arranging;
    button.setAttribute("aria-pressed", String(arranging));
    return draw();
  },
  again: () => fetchRound(),
};

/** The round as the market has it now; without signal the kept one stays. */
async function fetchRound() {
  if (!navigator.onLine) return;
  const begun = Date.now();
  try {
    const told = await (await demandGood(await ask(place.dataset.stops, { headers: { accept: "application/json" } }))).json();
    if (told.of !== owner()) return;
    round = { ...told, at: begun, offset: Date.parse(told.now) - Date.now() };
    await keepRound(owner(), round).catch(() => { say("told", place.dataset.full); });
  } catch (trouble) {
    if (!(trouble instanceof NotSent)) throw trouble;
    if (trouble.words) say("told", trouble.words);
  }
  await draw();
}

/** Keeps what was done at a stop and goes on; `fields` are pairs, `files` {field, file}. */
async function write(id, stop, act, fields, files) {
  const madeAt = new Date(Date.now() + (round?.offset ?? 0)).toISOString();
  const title = `${place.dataset[`did${camel(act)}`]} · ${stop.name}`;
  const all = [["sent_id", id], ["code", stop.code], ["act", act], ["made_at", madeAt], ...fields];
  await put({ id, kind: KIND, title, address: place.dataset.acts, fields: all, files });
  say("told", title);
  if (navigator.onLine) flush().catch(() => 0);
}

async function hear() {
  const before = new Map(works.map((work) => [work.id, work.state]));
  await draw();
  if (works.some((work) => work.state === "sent" && before.has(work.id) && before.get(work.id) !== "sent")) await fetchRound();
}

async function reorder(stops) {
  round = { ...round, stops };
  await keepRound(owner(), round);
  const codes = stops.map((stop) => stop.code).join(" ");
  await put({ id: `${ORDER}-${owner()}`, kind: ORDER, title: place.dataset.ordered, address: place.dataset.order, fields: [["codes", codes]] });
  await draw();
  if (navigator.onLine) flush().catch(() => 0);
}

/** A stop is over while its work waits, and until the market's own list has come after it. */
function isOver(stop) {
  const mine = works.filter((work) => fieldOf(work, "code") === stop.code && work.state !== "failed");
  return mine.some((work) => work.state !== "sent" || work.madeAt > round.at);
}

async function draw() {
  works = (await list()).filter((work) => work.kind === KIND);
  const left = (round?.stops ?? []).filter((stop) => !isOver(stop));
  const waiting = works.filter((work) => work.state === "waiting" || work.state === "sending").length;
  const fresh = works.filter((work) => work.state !== "failed" && (work.state !== "sent" || work.madeAt > (round?.at ?? 0)));
  const before = Object.values(round?.done ?? {}).reduce((sum, count) => sum + count, 0);
  say("left", left.length);
  say("done", before + fresh.length);
  say("waiting", waiting);
  place.querySelector('[data-slot="waiting"]').closest(".figure").classList.toggle("figure-waiting", waiting > 0);
  place.querySelector("[data-round-stops]").replaceChildren(...left.map(row));
  place.querySelector("[data-round-none]").hidden = left.length > 0 || round === null;
  place.querySelector("[data-round-unknown]").hidden = round !== null;
  const told = [...works].reverse().slice(0, 60);
  place.querySelector("[data-round-works]").replaceChildren(...told.map(workRow));
  place.querySelector("[data-round-written]").hidden = told.length === 0;
}

function row(stop, at, all) {
  const made = place.querySelector("[data-round-stop]").content.firstElementChild.cloneNode(true);
  const slot = (name) => made.querySelector(`[data-slot="${name}"]`);
  made.dataset.code = stop.code;
  slot("number").textContent = at + 1;
  slot("name").textContent = stop.name;
  slot("kind").textContent = place.dataset[`kind${camel(stop.kind)}`];
  slot("address").textContent = [stop.market, stop.line, stop.place].filter(Boolean).join(", ");
  slot("contents").textContent = `${stop.contents} · ${stop.weight}`;
  slot("code").textContent = stop.code;
  slot("tries").hidden = !stop.attempts;
  slot("tries").textContent = `${place.dataset.tries} ${stop.attempts}`;
  slot("cash").hidden = !stop.cash;
  slot("cash").textContent = `${place.dataset.cash} ${stop.cash}`;
  const call = made.querySelector('[data-act="call"]');
  call.hidden = !stop.dial;
  call.href = `tel:${stop.dial}`;
  call.querySelector("span").textContent = stop.phone;
  made.querySelector('[data-act="map"]').href = stop.map;
  for (const button of made.querySelectorAll("[data-stop-act]")) {
    button.hidden = button.dataset.for !== stop.kind;
    button.addEventListener("click", () => place.dispatchEvent(new CustomEvent("stop-act", { detail: { stop, act: button.dataset.stopAct, button } })));
  }
  const moves = made.querySelector("[data-stop-moves]");
  moves.hidden = !arranging;
  for (const button of moves.querySelectorAll("button")) {
    const to = at + Number(button.dataset.move);
    button.disabled = to < 0 || to >= all.length;
    button.addEventListener("click", async () => {
      const stops = all.filter((one) => one !== stop);
      stops.splice(to, 0, stop);
      await reorder([...stops, ...round.stops.filter((one) => !all.includes(one))]);
      place.querySelector(`[data-code="${stop.code}"] [data-move="${button.dataset.move}"]`)?.focus();
    });
  }
  return made;
}

function workRow(work) {
  const made = place.querySelector("[data-round-work]").content.firstElementChild.cloneNode(true);
  const when = new Date(work.madeAt).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  made.dataset.state = work.state;
  made.querySelector('[data-slot="title"]').textContent = work.title;
  made.querySelector('[data-slot="when"]').textContent = `${when} · ${fieldOf(work, "code")}`;
  made.querySelector('[data-slot="why"]').textContent = work.words || (work.why === "sign-in" ? place.dataset.signIn : "") || work.answer?.doubt || "";
  made.querySelector('[data-slot="pill"]').replaceChildren(place.querySelector(`[data-pill="${work.answer?.doubt ? "doubt" : work.state}"]`).content.cloneNode(true));
  const again = made.querySelector('[data-act="retry"]');
  const gone = made.querySelector('[data-act="drop"]');
  again.hidden = work.state !== "failed";
  gone.hidden = work.state !== "failed";
  again.addEventListener("click", () => retry(work.id));
  gone.addEventListener("click", () => drop(work.id));
  return made;
}

const fieldOf = (work, name) => work.fields.find(([one]) => one === name)?.[1] ?? "";
const camel = (text) => text.split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("");

function say(name, words) {
  const slot = place.querySelector(`[data-slot="${name}"]`);
  if (slot && slot.textContent !== String(words)) slot.textContent = words;
}
