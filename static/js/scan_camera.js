/** [data-scan-camera]: reads labels with the phone's camera where the browser can (BarcodeDetector), then sends the form. */
const EVERY_MS = 180;
const KEPT = "scan-camera";
const AGAIN_MS = 3000; // a label that stays before the camera is read once
const WANTED = ["code_128", "qr_code"];

async function detector() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = WANTED.filter((format) => known.includes(format));
  return formats.length ? new BarcodeDetector({ formats }) : null;
}

function close(box) {
  const video = box.querySelector("video");
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  show(box, false);
}

function show(box, open) {
  box.querySelector("video").hidden = !open;
  box.querySelector("[data-scan-close]").hidden = !open;
  box.querySelector("[data-scan-open]").hidden = open;
}

async function watch(box, eye) {
  const video = box.querySelector("video");
  const stays = box.closest("[data-scan-stays]");
  let last = { text: "", at: 0 };
  while (video.srcObject) {
    const [seen] = await eye.detect(video).catch(() => []);
    const text = seen?.rawValue ?? "";
    if (text && !(text === last.text && Date.now() - last.at < AGAIN_MS)) {
      send(box, text);
      if (!stays) return;
    }
    if (text) last = { text, at: Date.now() };
    await new Promise((later) => { setTimeout(later, EVERY_MS); });
  }
}

function send(box, text) {
  const form = box.closest("[data-scan-form]");
  form.querySelector("[data-scan-code]").value = text.trim();
  if (!box.closest("[data-scan-stays]")) close(box);
  form.requestSubmit();
}

async function open(box, eye) {
  const words = box.querySelector("[data-scan-words]");
  words.textContent = "";
  try {
    const video = box.querySelector("video");
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    show(box, true);
    await video.play();
  } catch {
    sessionStorage.removeItem(KEPT);
    close(box);
    words.textContent = box.dataset.refused;
    return;
  }
  sessionStorage.setItem(KEPT, "open");
  await watch(box, eye);
}

for (const box of document.querySelectorAll("[data-scan-camera]")) {
  const eye = await detector();
  if (!eye) continue;
  box.hidden = false;
  box.querySelector("[data-scan-open]").addEventListener("click", () => open(box, eye));
  box.querySelector("[data-scan-close]").addEventListener("click", () => {
    sessionStorage.removeItem(KEPT);
    close(box);
  });
  // scan after scan: the camera that was open before the last scan opens by itself
  if (sessionStorage.getItem(KEPT)) open(box, eye);
}
