/** The service worker: style sheets, modules and a few pages kept in the phone, so that they open without signal.
 *  Pages come from the market first; a kept one only when the market does not answer in time. It keeps pages that the
 *  server allows (x-kept-offline), of one person at a time (x-page-of), and never anything that was posted. */
import { flush } from "./waiting.js";

const PATIENCE_MS = 4000;
const FRESH_MS = 12 * 3600 * 1000;
const PAGES = "pages";
const WHOSE = "/sw.js?whose";
const MARK = "x-kept-at";

let generation = 0;

export function serve({ version, assets, offlinePage }) {
  const shell = `shell-${version}`;

  self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(shell).then((cache) => cache.addAll(assets)).then(() => self.skipWaiting()));
  });

  self.addEventListener("activate", (event) => event.waitUntil(settle(shell)));

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin) return;
    if (request.method === "POST" && url.pathname === "/sign-out") event.waitUntil(forget().then(forgetPeople));
    if (request.method !== "GET") return;
    if (request.mode === "navigate") event.respondWith(page(event, url));
    else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
  });

  self.addEventListener("message", (event) => {
    if (Array.isArray(event.data?.keep)) event.waitUntil(keep([offlinePage, ...event.data.keep]));
  });

  self.addEventListener("sync", (event) => {
    if (event.tag === "waiting-work") event.waitUntil(flush().then((left) => { if (left) throw new Error("no signal yet"); }));
  });

  self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(open(event.notification.data));
  });

  /** From the market; from the phone when that fails or takes too long. */
  async function page(event, url) {
    const asked = (async () => {
      const begun = generation;
      const answer = (await event.preloadResponse) ?? await fetch(event.request);
      await look(url, answer, begun);
      return answer;
    })();
    event.waitUntil(asked.catch(() => {}));
    const kept = await keptPage(url.pathname);
    if (!kept) return asked.catch(() => offline());
    const late = new Promise((done) => { setTimeout(done, PATIENCE_MS); }).then(() => kept);
    return Promise.race([asked.then((answer) => (answer.status >= 502 ? kept : answer), () => kept), late]);
  }

  async function asset(request) {
    const cache = await caches.open(shell);
    const exact = await cache.match(request.url);
    if (exact) return exact;
    const asked = fetch(request);
    const kept = await cache.match(request.url, { ignoreSearch: true });
    if (!kept) return asked;
    const late = new Promise((done) => { setTimeout(done, PATIENCE_MS); }).then(() => kept);
    return Promise.race([asked.catch(() => kept), late]);
  }

  async function offline() {
    return (await keptPage(offlinePage)) ?? Response.error();
  }

  /** Fetches pages that are not kept yet, were kept long ago, or belong to older files. */
  async function keep(paths) {
    for (const path of paths) {
      const mark = (await keptPage(path))?.headers.get(MARK) ?? "";
      const [at, of] = mark.split(" ");
      if (of === version && Date.now() - Number(at) < FRESH_MS) continue;
      const begun = generation;
      const url = new URL(path, self.location.origin);
      try {
        await look(url, await fetch(url, { credentials: "same-origin", redirect: "manual", cache: "no-cache" }), begun);
      } catch {
        return;
      }
    }
  }

  /** Notes whose page came, and keeps it if it may be kept. `begun`: the generation when it was asked for. */
  async function look(url, answer, begun) {
    const of = answer.headers.get("x-page-of");
    if (!of || begun !== generation) return;
    const whose = `${of} ${answer.headers.get("content-language")}`;
    const cache = await caches.open(PAGES);
    const known = await cache.match(WHOSE);
    if ((await known?.text()) !== whose) {
      await forget();
      if (known) forgetPeople();
      await cache.put(WHOSE, new Response(whose));
      begun = generation;
    }
    if (answer.status !== 200 || !answer.headers.get("x-kept-offline")) return;
    const headers = new Headers(answer.headers);
    for (const name of ["content-encoding", "content-length"]) headers.delete(name); // the body is unpacked here
    headers.set(MARK, `${Date.now()} ${version}`);
    const body = await answer.clone().blob();
    if (begun === generation) await cache.put(url.pathname, new Response(body, { headers }));
  }
}

/** A notice as the market sent it; one that cannot be read is said to be there, as browsers demand. */
async function show(sent) {
  let said;
  try {
    said = sent.json();
  } catch {
    said = { title: "Chợ 4.0", body: "", url: "/me/notices", tag: "notice" };
  }
  const icon = new URL("/static/img/mark_maskable.svg", self.location.origin).href;
  await self.registration.showNotification(said.title, { body: said.body, tag: said.tag, icon, data: said.url });
}

/** Goes to what a notice is about, in a page of the market that stands open or in a new one; nowhere else. */
async function open(address) {
  const url = new URL(address ?? "/me/notices", self.location.origin);
  const path = url.origin === self.location.origin ? url.href : `${self.location.origin}/me/notices`;
  const [page] = await self.clients.matchAll({ type: "window" });
  if (!page) return self.clients.openWindow(path);
  await page.focus();
  return page.navigate(path);
}

async function keptPage(path) {
  return (await caches.open(PAGES)).match(path, { ignoreVary: true });
}

/** Lets go of every kept page: somebody signed out, or another person or language came. */
async function forget() {
  generation += 1;
  const cache = await caches.open(PAGES);
  for (const request of await cache.keys()) await cache.delete(request, { ignoreVary: true });
}

/** Names and addresses of a carrier's round (round_store.js). */
function forgetPeople() {
  indexedDB.deleteDatabase("round");
}

async function settle(shell) {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== shell) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}
