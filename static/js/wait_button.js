/** A button with data-wait-seconds rests that long and counts down in its own words (data-wait-label, "{n}"). */
function rest(button) {
  const words = button.querySelector("span");
  const ready = words.textContent;
  const end = Date.now() + Number(button.dataset.waitSeconds) * 1000;

  function tick() {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    words.textContent = left > 0 ? button.dataset.waitLabel.replace("{n}", left) : ready;
    if (left > 0) setTimeout(tick, 500);
  }
  tick();
}

for (const button of document.querySelectorAll("[data-wait-seconds]")) rest(button);
