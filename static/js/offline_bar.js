/** A quiet bar while there is no signal, with the number of acts that wait to be sent and of those that failed.
 *  With data-waiting-page it also stands while there is signal, as long as something waits, and leads there. */
const BACK_SHOWN_MS = 3000;

let work = { count: 0, failed: 0 };

function parts(bar) {
  const said = navigator.onLine ? [] : [bar.dataset.offline];
  if (work.count > 0) said.push(`${work.count} ${bar.dataset.waiting}`);
  if (work.failed > 0) said.push(`${work.failed} ${bar.dataset.failed}`);
  return said;
}

function show(bar) {
  const said = parts(bar);
  const words = said.join(" ");
  const leads = bar.dataset.waitingPage && work.count + work.failed > 0 && bar.dataset.waitingPage !== location.pathname;
  if (bar.dataset.said !== words) {
    bar.dataset.said = words;
    bar.textContent = words;
    if (leads) bar.append(" ", link(bar));
  }
  bar.hidden = !said.length || (navigator.onLine && !bar.dataset.waitingPage);
}

function link(bar) {
  const made = document.createElement("a");
  made.href = bar.dataset.waitingPage;
  made.textContent = bar.dataset.see;
  return made;
}

function welcomeBack(bar) {
  if (bar.hidden) return;
  bar.textContent = bar.dataset.back;
  delete bar.dataset.said;
  setTimeout(() => show(bar), BACK_SHOWN_MS);
}

for (const bar of document.querySelectorAll("[data-offline-bar]")) {
  window.addEventListener("offline", () => show(bar));
  window.addEventListener("online", () => welcomeBack(bar));
  window.addEventListener("waiting-work", (event) => {
    work = { failed: 0, ...event.detail };
    show(bar);
  });
  if (!navigator.onLine) show(bar);
}
