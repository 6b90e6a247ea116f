/** Starts the service worker where people work, has it keep the pages of data-keep-pages, and sends what waits.
 *  All of it after the page has come: it must not take the signal away from what somebody looks at. */
import { announce, flush, possible } from "./waiting.js";

const REST_MS = 1000;

function pages() {
  return document.querySelector("[data-keep-pages]")?.dataset.keepPages.split(" ").filter(Boolean) ?? [];
}

async function start() {
  try {
    await navigator.serviceWorker.register("/sw.js", { type: "module", scope: "/", updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: pages() });
  } catch {
    // an old browser, or no signal: the pages work as they do without it
  }
}

function afterLoad(act) {
  if (document.readyState === "complete") setTimeout(act, REST_MS);
  else window.addEventListener("load", () => setTimeout(act, REST_MS), { once: true });
}

if ("serviceWorker" in navigator) afterLoad(start);
if (possible) {
  announce();
  flush();
  window.addEventListener("online", () => flush());
}
