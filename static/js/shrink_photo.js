/** Photos are made small on the phone before they are sent: 300 kB instead of 6 MB each, and no place or camera told. */
const SIDE_PX = 1600;
const QUALITY = 0.85;
const SMALL_ENOUGH_BYTES = 400 * 1024;

for (const input of document.querySelectorAll("[data-shrink-photo]")) {
  input.addEventListener("change", () => shrinkAll(input));
}

async function shrinkAll(input) {
  const status = input.parentElement.querySelector("[data-shrink-status]");
  if (!input.files.length) return tell(status, "");
  tell(status, status?.dataset.working);
  const chosen = [...input.files];
  const holder = new DataTransfer();
  for (const file of chosen) holder.items.add(await shrunk(file));
  // somebody may have chosen other photos meanwhile; those have a round of their own
  if (input.files.length !== chosen.length || chosen.some((file, at) => file !== input.files[at])) return;
  input.files = holder.files;
  tell(status, `${holder.files.length} ${status?.dataset.ready ?? ""}`);
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
