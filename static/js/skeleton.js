/** Shows that something is on its way, but only when it takes longer than 300 ms. */
const PATIENCE_MS = 300;

/** Marks `target` as waiting; call the returned function when the content is there. */
export function waiting(target) {
  const shapes = target.querySelectorAll("[data-skeleton-shape]");
  const timer = setTimeout(() => {
    target.setAttribute("aria-busy", "true");
    for (const shape of shapes) shape.hidden = false;
  }, PATIENCE_MS);
  return () => {
    clearTimeout(timer);
    target.removeAttribute("aria-busy");
    for (const shape of shapes) shape.hidden = true;
  };
}

function begin(element) {
  const target = document.querySelector(element.dataset.skeleton);
  if (!target) return;
  const finished = waiting(target);
  window.addEventListener("pageshow", finished, { once: true });
}

for (const form of document.querySelectorAll("form[data-skeleton]")) {
  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) begin(form); });
}
for (const link of document.querySelectorAll("a[data-skeleton]")) {
  link.addEventListener("click", (event) => {
    if (!event.defaultPrevented && !event.ctrlKey && !event.metaKey && event.button === 0) begin(link);
  });
}
