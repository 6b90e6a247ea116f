/** Photos are made small on the phone before they are sent: 300 kB instead of 6 MB each, and no place or camera told.
 *  Photos chosen or taken one after the other add up; each shows below and can be left out again. */
const SIDE_PX = 1600;
const QUALITY = 0.85;
const SMALL_ENOUGH_BYTES = 400 * 1024;

for (const input of document.querySelectorAll("[data-shrink-photo]")) bind(input);

function bind(input) {
  const box = input.parentElement;
  const status = box.querySelector("[data-shrink-status]");
  const tray = box.querySelector("[data-shrink-tray]");
  let kept = [];

  const put = () => {
    const holder = new DataTransfer();
    for (const file of kept) holder.items.add(file);
    input.files = holder.files;
  };

  const ready = () => {
    put();
    tell(status, kept.length ? `${kept.length} ${status?.dataset.ready ?? ""}` : "");
    if (tray) show(tray, kept, leaveOut);
  };

  const leaveOut = (file) => {
    kept = kept.filter((one) => one !== file);
    ready();
    input.focus();
  };

  input.addEventListener("change", async () => {
    const chosen = [...input.files];
    if (!chosen.length) return put(); // the gallery was closed without choosing: what stood here stays
    kept = input.multiple ? [...kept, ...chosen] : chosen;
    put(); // whoever sends at once sends them as they are
    tell(status, status?.dataset.working);
    for (const file of chosen) {
      const small = await shrunk(file);
      kept = kept.map((one) => (one === file ? small : one));
    }
    ready();
  });
}

/** Thumbnails with a button each. */
function show(tray, files, leaveOut) {
  for (const picture of tray.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
  tray.hidden = !files.length;
  tray.replaceChildren(...files.map((file, at) => {
    const row = document.createElement("li");
    const picture = document.createElement("img");
    picture.src = URL.createObjectURL(file);
    picture.alt = `${tray.dataset.photo} ${at + 1}`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet";
    button.textContent = tray.dataset.leaveOut;
    button.setAttribute("aria-label", `${tray.dataset.leaveOut}: ${picture.alt}`);
    button.addEventListener("click", () => leaveOut(file));
    row.append(picture, button);
    return row;
  }));
}

/** The photo as a smaller JPEG; as it is when it is small or the browser cannot read it (the server decides then). */
export async function shrunk(file) {
  if (file.size <= SMALL_ENOUGH_BYTES) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
    return small && small.size < file.size ? new File([small], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

function tell(status, words) {
  if (status) status.textContent = words ?? "";
}
