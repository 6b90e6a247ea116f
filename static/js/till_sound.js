/** Tones drawn on the spot: rising for money that fits, low and rough for a wrong sum, two alike for paid again. */
const TONES = {
  good: [[660, 0, 0.14], [880, 0.14, 0.14], [1320, 0.28, 0.3]],
  bad: [[220, 0, 0.28], [185, 0.3, 0.5]],
  again: [[520, 0, 0.16], [520, 0.28, 0.16], [520, 0.56, 0.16]],
};
const SHAPES = { good: "sine", bad: "sawtooth", again: "triangle" };
const Context = window.AudioContext;
let audio = null;

export const isSilent = () => !!Context && audio?.state !== "running";

export async function unlock() {
  if (!Context) return;
  audio ??= new Context();
  if (audio.state === "suspended") await audio.resume();
}

export function sound(tone) {
  if (!audio || audio.state !== "running" || !TONES[tone]) return;
  for (const [pitch, from, length] of TONES[tone]) note(pitch, audio.currentTime + from, length, SHAPES[tone]);
}

function note(pitch, from, length, shape) {
  const wave = audio.createOscillator();
  const loudness = audio.createGain();
  wave.type = shape;
  wave.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.0001, from);
  loudness.gain.exponentialRampToValueAtTime(shape === "sawtooth" ? 0.25 : 0.4, from + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, from + length);
  wave.connect(loudness).connect(audio.destination);
  wave.start(from);
  wave.stop(from + length);
}
