/** A file sent in pieces: after a dropped connection it goes on from the byte that the market has. */
import { ask, demandGood, NotSent } from "./asking.js";

const PIECE_BYTES = 128 * 1024;
const TRIES = 4;
const FIRST_REST_MS = 500;
const JSON_PLEASE = { accept: "application/json" };

export async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends `file` ({id, blob, sha256}) until the market has all of it; `told(bytes)` hears how far it is. Throws NotSent. */
export async function sendFile(file, token, told = () => {}) {
  let offset = await begin(file, token);
  let tries = 0;
  while (offset < file.blob.size) {
    told(offset);
    try {
      offset = await piece(file, token, offset);
      tries = 0;
    } catch (broken) {
      tries += 1;
      if (broken.why !== "signal" || tries >= TRIES) throw broken;
      await rest(FIRST_REST_MS * 2 ** tries);
      offset = await standing(file);
    }
  }
  told(offset);
}

async function begin(file, token) {
  const body = new URLSearchParams({ csrf: token, id: file.id, size: file.blob.size, sha256: file.sha256 });
  const answer = await ask("/uploads", { method: "POST", body, headers: JSON_PLEASE });
  return offsetOf(await demandGood(answer));
}

async function piece(file, token, offset) {
  const answer = await ask(`/uploads/${file.id}`, {
    method: "PATCH",
    body: file.blob.slice(offset, offset + PIECE_BYTES),
    headers: { ...JSON_PLEASE, "content-type": "application/offset+octet-stream", "upload-offset": String(offset), "x-csrf-token": token },
  });
  if (answer.status === 409 && answer.headers.has("upload-offset")) return offsetOf(answer);
  return offsetOf(await demandGood(answer));
}

/** How much the market has; asked after a cut. */
async function standing(file) {
  return offsetOf(await demandGood(await ask(`/uploads/${file.id}`, { method: "HEAD" })));
}

function offsetOf(answer) {
  const offset = Number(answer.headers.get("upload-offset") ?? "x");
  if (!Number.isInteger(offset)) throw new NotSent("market");
  return offset;
}

function rest(milliseconds) {
  return new Promise((done) => { setTimeout(done, milliseconds); });
}
