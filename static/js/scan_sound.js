/** The sounds and shakes of a scan: one high tone for right, two alike for already done, two low ones for wrong. */
const TONES_HZ = { right: [880], already: [660, 660], wrong: [220, 180] };
const SHAKES_MS = { right: [40], already: [40, 60, 40], wrong: [200, 80, 200] };
const TONE_S = 0.12;
let audio = null;

/** Tells a scan's result; what is no result is silent. */
export function tell(result) {
  const tones = TONES_HZ[result];
  if (!tones) return;
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(SHAKES_MS[result]);
  audio ??= new AudioContext();
  // browsers keep silent until the page was touched: then the words alone tell
  if (audio.state === "suspended") audio.resume().catch(() => {});
  if (audio.state !== "running") return;
  tones.forEach((hertz, place) => {
    const voice = audio.createOscillator();
    voice.frequency.value = hertz;
    voice.connect(audio.destination);
    voice.start(audio.currentTime + place * TONE_S * 1.5);
    voice.stop(audio.currentTime + place * TONE_S * 1.5 + TONE_S);
  });
}
