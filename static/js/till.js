/** The till: hears what happened (also what was missed in a gap), shows it, says it aloud, sounds right or wrong. */
import { sound, unlock, isSilent } from "./till_sound.js";

const FRESH_MS = 120_000;
const part = document.querySelector("[data-till-events]");
const said = document.querySelector("[data-till-said]");
const button = document.querySelector("[data-till-sound]");
let last = Promise.resolve();

if (part) {
  const news = new EventSource(`${part.dataset.tillEvents}?after=${part.dataset.tillSeq}`);
  news.addEventListener("sale", (event) => {
    last = last.then(() => happened(JSON.parse(event.data))).catch(() => {});
  });
  window.addEventListener("pagehide", () => news.close());
}

async function happened(told) {
  if (told.words && Date.now() - Date.parse(told.at) < FRESH_MS) tell(told);
  await renew();
}

/** Big letters that screen readers read too, the tone of its kind, and the words aloud. */
function tell({ words, tone }) {
  said.className = `till-said till-said-${tone}`;
  said.textContent = words;
  sound(tone);
  const speech = window.speechSynthesis;
  if (!speech) return;
  const spoken = new SpeechSynthesisUtterance(words);
  spoken.lang = document.documentElement.lang === "en" ? "en-GB" : "vi-VN";
  const voice = speech.getVoices().find((one) => one.lang.replace("_", "-").startsWith(spoken.lang.slice(0, 2)));
  if (!voice) return;
  spoken.voice = voice;
  spoken.rate = 0.95;
  speech.speak(spoken);
}

async function renew() {
  const answer = await fetch(part.dataset.tillPart, { headers: { "x-part": "yes" } });
  if (!answer.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const action = focused?.form?.getAttribute("action") ?? focused?.getAttribute("href");
  part.replaceChildren(fresh.content);
  if (!focused) return;
  const controls = [...part.querySelectorAll("a[href], button")];
  const same = controls.find((one) => (one.form?.getAttribute("action") ?? one.getAttribute("href")) === action);
  (same ?? controls[0])?.focus({ preventScroll: true });
}

/** Browsers stay silent until somebody touches the page: then the button says so. */
function offerSound() {
  if (button) button.hidden = !isSilent();
}

window.addEventListener("pointerdown", () => unlock().then(offerSound), { capture: true });
button?.addEventListener("click", () => unlock().then(() => { sound("good"); offerSound(); }));
offerSound();
