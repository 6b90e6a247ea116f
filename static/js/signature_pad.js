/** A box to sign in with a finger. What is drawn goes into the file field as a PNG; without script that field stands
 *  alone, for a photo of a signed paper. */
const SMALLEST_STROKE_PX = 40;

for (const field of document.querySelectorAll("[data-signature]")) bind(field);

function bind(field) {
  const box = field.querySelector("[data-signature-box]");
  const canvas = box.querySelector("canvas");
  const input = field.querySelector("input[type=file]");
  const words = field.querySelector("[data-signature-words]");
  const brush = canvas.getContext("2d");
  let last = null;
  let drawn_px = 0;

  const clear = () => {
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    drawn_px = 0;
    words.textContent = "";
    input.files = new DataTransfer().files;
  };

  const at = (event) => {
    const place = canvas.getBoundingClientRect();
    return [(event.clientX - place.left) * canvas.width / place.width, (event.clientY - place.top) * canvas.height / place.height];
  };

  const keep = () => {
    last = null;
    if (drawn_px < SMALLEST_STROKE_PX) return;
    canvas.toBlob((picture) => {
      const holder = new DataTransfer();
      holder.items.add(new File([picture], "signature.png", { type: "image/png" }));
      input.files = holder.files;
      words.textContent = words.dataset.ready;
    }, "image/png");
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const here = at(event);
    brush.strokeStyle = "#101828";
    brush.lineWidth = 5;
    brush.lineCap = "round";
    brush.beginPath();
    brush.moveTo(...last);
    brush.lineTo(...here);
    brush.stroke();
    drawn_px += Math.hypot(here[0] - last[0], here[1] - last[1]);
    last = here;
  });
  canvas.addEventListener("pointerup", keep);
  canvas.addEventListener("pointercancel", keep);
  field.querySelector("[data-signature-clear]").addEventListener("click", clear);
  clear();
  box.hidden = false;
}
