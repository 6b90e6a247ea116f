/** [data-map-here]: writes where the phone is into [data-map-point]; stays hidden where the browser cannot tell. */
const DIGITS = 5; // about a metre
const button = document.querySelector("[data-map-here]");
const field = document.querySelector("[data-map-point]");

if (button && field && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field.value = `${coords.latitude.toFixed(DIGITS)}, ${coords.longitude.toFixed(DIGITS)}`;
        button.removeAttribute("aria-busy");
        field.focus();
      },
      () => { button.hidden = true; },
      { enableHighAccuracy: true, maximumAge: 60_000, timeout: 15_000 },
    );
  });
}
