/** A quiet bar while there is no signal, with the number of acts that wait to be sent. */
const BACK_SHOWN_MS = 3000;

let waitingCount = 0;

function words(bar) {
  const parts = [bar.dataset.offline];
  if (waitingCount > 0) parts.push(`${waitingCount} ${bar.dataset.waiting}`);
  return parts.join(" ");
}

function show(bar) {
  bar.textContent = words(bar);
  bar.hidden = false;
}

function welcomeBack(bar) {
  if (bar.hidden) return;
  bar.textContent = bar.dataset.back;
  setTimeout(() => { if (navigator.onLine) bar.hidden = true; }, BACK_SHOWN_MS);
}

for (const bar of document.querySelectorAll("[data-offline-bar]")) {
  window.addEventListener("offline", () => show(bar));
  window.addEventListener("online", () => welcomeBack(bar));
  window.addEventListener("waiting-work", (event) => {
    waitingCount = event.detail.count;
    if (!navigator.onLine) show(bar);
  });
  if (!navigator.onLine) show(bar);
}
