/** Work that waits in the phone until it is sent: once, later, in the order it was done. Used by pages and by the
 *  service worker. A work: {id, kind, title, address, fields, owner, state, why, words, tries, dueAt, madeAt, files,
 *  sentBytes, answer}; state: waiting, sending, sent, failed; why: signal, market, sign-in, refused (see asking.js).
 *
 *  The market must take `fields` (with `csrf` and `<field>_upload` for each file) as a form at `address`, answer JSON
 *  when asked for it, and do the same thing once however often it comes: put the work's id into a field. */
import { NotSent, ask, demandGood, passport } from "./asking.js";
import { alone } from "./one_at_a_time.js";
import { sendFile, sha256 } from "./resumable.js";
import { allWorks, changeWork, filesOf, keepWork, oneWork, removeFiles, removeWork, saveFile } from "./waiting_store.js";

const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 600_000;
const SENT_SHOWN_MS = 7 * 86_400_000;
const UPLOAD_TRUSTED_MS = 20 * 3_600_000; // the market forgets files that wait too long for their form
const inPage = typeof window !== "undefined";
const news = "BroadcastChannel" in globalThis ? new BroadcastChannel("waiting-work") : null;

/** Whether this browser can keep work at all. */
export const possible = "indexedDB" in globalThis && Boolean(globalThis.crypto?.subtle);

let running = null;
let again = false;
let timer = 0;

/** A new id for something that is sent once (UUID, version 4). */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Who uses this page, as the page itself says; "nobody" for strangers. */
export function owner() {
  return inPage ? document.documentElement.dataset.pageOf ?? "nobody" : "nobody";
}

/** Keeps a work: {id, kind, title, address, fields: [[name, text]], files: [{field, file}]}. Rejects when the phone
 *  has no room. The same id again replaces what waited under it. */
export async function put({ id, kind, title, address, fields, files = [] }) {
  const kept = await Promise.all(files.map(async ({ field, file }, at) => ({
    id: newId(), at, field, blob: file, name: file.name ?? "", sha256: await sha256(file), doneAt: 0,
  })));
  const known = new Map((await filesOf(id)).map((file) => [file.sha256, file]));
  const bytes = kept.reduce((sum, file) => sum + file.blob.size, 0);
  const work = {
    id, kind, title, address, fields, owner: owner(), state: "waiting", why: "", words: "", tries: 0, dueAt: 0,
    madeAt: Date.now(), files: kept.length, bytes, sentBytes: 0, answer: null,
  };
  await keepWork(work, kept.map((file) => (known.has(file.sha256) ? { ...known.get(file.sha256), at: file.at } : file)));
  navigator.storage?.persist?.().catch(() => {});
  await askForSync();
  await announce();
  return work;
}

/** This person's works, oldest first. */
export async function list() {
  const mine = (await allWorks()).filter((work) => work.owner === owner());
  return mine.sort((one, other) => one.madeAt - other.madeAt);
}

/** A work with its files, for mending it; undefined when there is none. */
export async function oneWithFiles(id) {
  const work = await oneWork(id);
  if (!work || work.owner !== owner()) return undefined;
  const files = await filesOf(id);
  return { ...work, blobs: files.sort((one, other) => one.at - other.at) };
}

/** Sends one again that failed or rests. */
export async function retry(id) {
  await changeWork(id, { state: "waiting", why: "", words: "", tries: 0, dueAt: 0 });
  await announce();
  return flush();
}

/** Throws a work away. */
export async function drop(id) {
  await removeWork(id);
  await announce();
}

/** Sends what waits, oldest first; resolves with the number that still wait for signal. Safe to call at any time. */
export function flush() {
  again = true;
  running ??= (async () => {
    let left = 0;
    while (again) {
      again = false;
      left = (await alone("waiting-flush", sendAll)) ?? 0;
    }
    return left;
  })().finally(() => { running = null; });
  return running;
}

/** Tells this page and all others how much waits and how much failed. */
export async function announce() {
  news?.postMessage("changed");
  if (inPage) await tellPage();
}

async function tellPage() {
  const works = await list();
  const detail = {
    count: works.filter((work) => work.state === "waiting" || work.state === "sending").length,
    failed: works.filter((work) => work.state === "failed").length,
  };
  window.dispatchEvent(new CustomEvent("waiting-work", { detail }));
}

if (news && inPage) news.onmessage = () => tellPage();

async function sendAll() {
  const now = Date.now();
  const works = (await allWorks()).sort((one, other) => one.madeAt - other.madeAt);
  for (const work of works) if (work.state === "sent" && work.madeAt < now - SENT_SHOWN_MS) await removeWork(work.id);
  const due = works.filter((work) => work.state === "sending" || (work.state === "waiting" && (work.dueAt <= now || work.why !== "market")));
  if (!due.length) return 0;
  let signal = true;
  let pass = null;
  for (const work of due) {
    try {
      if (!signal) throw new NotSent("signal");
      pass ??= await passport();
      if (work.owner !== pass.of) throw new NotSent("sign-in");
      await send(work, pass);
    } catch (trouble) {
      if (!(trouble instanceof NotSent)) throw trouble;
      if (trouble.why === "signal") signal = false;
      await putOff(work, trouble);
    }
  }
  await announce();
  return plan();
}

async function send(work, pass) {
  await change(work, { state: "sending", why: "", words: "" });
  const files = (await filesOf(work.id)).sort((one, other) => one.at - other.at);
  let before = 0;
  for (const file of files) {
    if (file.doneAt < Date.now() - UPLOAD_TRUSTED_MS) {
      await sendFile(file, pass.token, (bytes) => change(work, { sentBytes: before + bytes }));
      await saveFile({ ...file, doneAt: Date.now() });
    }
    before += file.blob.size;
  }
  const body = new URLSearchParams([...work.fields, ["csrf", pass.token], ...files.map((file) => [`${file.field}_upload`, file.id])]);
  const answer = await ask(work.address, { method: "POST", body, headers: { accept: "application/json" } });
  if (answer.status === 403 && (await passport()).of !== work.owner) throw new NotSent("sign-in");
  const told = await (await demandGood(answer)).json().catch(() => ({}));
  await change(work, { state: "sent", answer: told, sentBytes: work.bytes });
  await removeFiles(work.id);
}

async function putOff(work, { why, words }) {
  const tries = why === "market" ? work.tries + 1 : work.tries;
  const rest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** tries) * (0.8 + 0.4 * Math.random());
  await change(work, { state: why === "refused" ? "failed" : "waiting", why, words, tries, dueAt: Date.now() + rest });
}

/** Comes back by itself for what rests; what waits for signal also comes back with the signal, the next page, or sync. */
async function plan() {
  const waiting = (await allWorks()).filter((work) => work.state === "waiting" && work.why !== "sign-in");
  clearTimeout(timer);
  if (!waiting.length) return 0;
  await askForSync();
  const next = Math.min(...waiting.map((work) => work.dueAt));
  if (inPage) timer = setTimeout(flush, Math.max(1000, next - Date.now()));
  return waiting.length;
}

async function askForSync() {
  if (!inPage) return;
  try {
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.sync?.register("waiting-work");
  } catch {
    // no Background Sync here: the next page or the next signal sends it
  }
}

async function change(work, changes) {
  await changeWork(work.id, changes);
  await announce();
}
