/** [data-scan-result="right | wrong | already"]: tells the last scan by sound and touch, and readies the field for the next one. */
const TONES_HZ = { right: [880], already: [660, 660], wrong: [220, 180] };
const SHAKES_MS = { right: [40], already: [40, 60, 40], wrong: [200, 80, 200] };
const TONE_S = 0.12;

function sound(tones) {
  const audio = new AudioContext();
  // browsers keep silent until the page was touched: then the banner alone tells
  if (audio.state !== "running") return;
  tones.forEach((hertz, place) => {
    const voice = audio.createOscillator();
    voice.frequency.value = hertz;
    voice.connect(audio.destination);
    voice.start(audio.currentTime + place * TONE_S * 1.5);
    voice.stop(audio.currentTime + place * TONE_S * 1.5 + TONE_S);
  });
}

const result = document.querySelector("[data-scan-result]")?.dataset.scanResult;
if (result in TONES_HZ) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(SHAKES_MS[result]);
  sound(TONES_HZ[result]);
}
document.querySelector("[data-scan-code]")?.select();
