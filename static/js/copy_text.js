/** Buttons with data-copy-text put that text on the clipboard and say so. They stay hidden where copying is impossible. */
const SAID_MS = 2500;

async function copy(button) {
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label.textContent;
  await navigator.clipboard.writeText(button.dataset.copyText);
  if (before === button.dataset.copied) return;
  label.textContent = button.dataset.copied;
  setTimeout(() => { label.textContent = before; }, SAID_MS);
}

function ready(place) {
  for (const button of place.querySelectorAll("[data-copy-text][hidden]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

if (navigator.clipboard) {
  ready(document);
  document.addEventListener("part-renewed", (event) => ready(event.target));
}
