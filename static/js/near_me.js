// «Gần tôi»: asks the phone where it is, to about a kilometre, and opens the results by distance.
// Stays hidden where the browser cannot tell; the place goes into the address and nowhere else.

const region = document.querySelector("[data-live-results]");

const reveal = () => {
  for (const item of document.querySelectorAll("[data-near][hidden]")) item.hidden = false;
};

if (region && "geolocation" in navigator) {
  reveal();
  new MutationObserver(reveal).observe(region, { childList: true, subtree: true });
  region.addEventListener("click", (event) => {
    const item = event.target.closest("[data-near]");
    if (!item) return;
    const button = event.target.closest("button");
    button?.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const address = new URL(item.dataset.near, location.href);
        address.searchParams.set("near", `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`);
        location.assign(address);
      },
      () => item.remove(),
      { maximumAge: 600_000, timeout: 10_000 },
    );
  });
}
