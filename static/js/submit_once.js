/** Forms with data-submit-once are sent once; after 300 ms the pressed button shows that it waits. */
const PATIENCE_MS = 300;

function shut(form, button) {
  form.dataset.sent = "yes";
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  form.waitingTimer = setTimeout(() => { button.dataset.busy = "yes"; }, PATIENCE_MS);
}

function open(form) {
  delete form.dataset.sent;
  clearTimeout(form.waitingTimer);
  for (const button of form.querySelectorAll('[aria-disabled="true"]')) {
    button.removeAttribute("aria-disabled");
    delete button.dataset.busy;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-submit-once")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  // another module may keep the form on the page; then the button stays usable
  queueMicrotask(() => { if (!event.defaultPrevented) shut(form, event.submitter); });
});

// coming back with the back button finds the page as it was left
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("[data-sent]")) open(form);
});
