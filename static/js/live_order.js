/** A part of the page that changes by itself: told by server-sent events, fetched, and put in place with the focus kept. */
for (const part of document.querySelectorAll("[data-live-events]")) {
  if (!part.hasAttribute("data-live-done")) watch(part);
}

function watch(part) {
  const news = new EventSource(part.dataset.liveEvents);
  let last = Promise.resolve();
  news.addEventListener("state", (event) => {
    last = last.then(() => renew(part, event.data, news)).catch(() => {});
  });
  window.addEventListener("pagehide", () => news.close());
}

async function renew(part, mark, news) {
  const shown = part.querySelector("[data-mark]");
  if (shown?.dataset.mark === mark) return;
  const answer = await fetch(part.dataset.livePart, { headers: { "x-part": "yes" } });
  if (!answer.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  const focused = part.contains(document.activeElement) ? markOf(document.activeElement) : null;
  keepLiving(part, fresh.content);
  part.replaceChildren(fresh.content);
  part.dispatchEvent(new Event("part-renewed", { bubbles: true }));
  if (focused) refocus(part, focused);
  tell(part, shown?.dataset.words);
  if (part.querySelector("[data-done]")) news.close();
}

/** Copy buttons that were bound when the page was read move over to the new part. */
function keepLiving(part, fresh) {
  const living = new Map([...part.querySelectorAll("[data-copy-text]")].map((one) => [one.dataset.copyText, one]));
  for (const button of fresh.querySelectorAll("[data-copy-text]")) {
    const old = living.get(button.dataset.copyText);
    if (old) button.replaceWith(old);
  }
}

function markOf(element) {
  return { same: element, href: element.getAttribute("href"), id: element.id, action: element.form?.getAttribute("action") };
}

function refocus(part, { same, href, id, action }) {
  const controls = [...part.querySelectorAll("a[href], button, input")];
  const found = controls.find((one) => one === same)
    ?? controls.find((one) => (id && one.id === id) || (href && one.getAttribute("href") === href) || (action && one.form?.getAttribute("action") === action));
  if (found) return found.focus({ preventScroll: true });
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
}

function tell(part, before) {
  const words = part.querySelector("[data-words]")?.dataset.words;
  const place = document.querySelector("[data-live-words]");
  if (place && words && words !== before) place.textContent = words;
}
