/** This browser shows notices by itself: asks for permission, subscribes, and hands its address to the market. */

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function complain(form, words) {
  const fault = form.querySelector("[data-push-fault]");
  fault.textContent = words;
  fault.hidden = false;
}

async function subscribe(form) {
  if ((await Notification.requestPermission()) !== "granted") return complain(form, form.dataset.denied);
  await navigator.serviceWorker.register("/sw.js", { type: "module", scope: "/", updateViaCache: "none" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const wish = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) };
  let address;
  try {
    address = await pushManager.subscribe(wish);
  } catch {
    // an address of an earlier key of the market: it is let go, and a new one asked for
    await (await pushManager.getSubscription())?.unsubscribe();
    address = await pushManager.subscribe(wish);
  }
  form.elements.endpoint.value = address.endpoint;
  form.elements.p256dh.value = base64url(address.getKey("p256dh"));
  form.elements.auth.value = base64url(address.getKey("auth"));
  form.submit();
}

for (const form of document.querySelectorAll("[data-push]")) {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    subscribe(form).catch(() => complain(form, form.dataset.failed));
  });
}
