/** [data-next="name"]: the Next key of the phone's keyboard goes on to that field instead of sending the form. */
for (const input of document.querySelectorAll("[data-next]")) {
  input.addEventListener("keydown", (event) => {
    const next = input.form?.elements[input.dataset.next];
    if (event.key !== "Enter" || event.isComposing || !next) return;
    event.preventDefault();
    next.focus();
    next.select?.();
  });
}
