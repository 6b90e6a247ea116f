/** [data-voice="f-about"]: speaking instead of typing, where the browser can hear (Web Speech API). What is said is added to the text. */
const Hearing = window.SpeechRecognition ?? window.webkitSpeechRecognition;

for (const box of document.querySelectorAll("[data-voice]")) if (Hearing) bind(box);

function bind(box) {
  const field = document.getElementById(box.dataset.voice);
  const button = box.querySelector("button");
  const words = box.querySelector("[data-voice-words]");
  let hearing = null;

  const tell = (text) => { words.textContent = text ?? ""; };

  const stopped = () => {
    hearing = null;
    button.setAttribute("aria-pressed", "false");
    if (words.textContent === box.dataset.listening) tell("");
  };

  const start = () => {
    hearing = new Hearing();
    hearing.lang = "vi-VN";
    hearing.continuous = true;
    hearing.interimResults = false;
    hearing.onresult = (event) => {
      for (const result of [...event.results].slice(event.resultIndex)) if (result.isFinal) add(field, result[0].transcript);
    };
    hearing.onerror = (event) => tell(event.error === "not-allowed" || event.error === "service-not-allowed" ? box.dataset.refused : box.dataset.failed);
    hearing.onend = stopped;
    hearing.start();
    button.setAttribute("aria-pressed", "true");
    tell(box.dataset.listening);
  };

  box.hidden = false;
  button.addEventListener("click", () => { if (hearing) hearing.stop(); else start(); });
}

/** Adds a sentence: with its capital and full stop, as far as the text stays within the field. */
function add(field, said) {
  const sentence = said.trim();
  if (!sentence) return;
  const begun = field.value.trimEnd();
  const capital = sentence[0].toLocaleUpperCase("vi") + sentence.slice(1);
  const whole = `${begun}${begun ? " " : ""}${capital}${/[.!?…]$/.test(capital) ? "" : "."}`;
  if (field.maxLength > 0 && whole.length > field.maxLength) return;
  field.value = whole;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
