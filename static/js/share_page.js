/** A button with data-share opens the phone's own sheet (Zalo, messages …); it stays hidden where there is none. */
for (const button of document.querySelectorAll("[data-share]")) {
  const { shareTitle: title, shareUrl: url } = button.dataset;
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => navigator.share({ title, url }).catch(() => {}));
}
