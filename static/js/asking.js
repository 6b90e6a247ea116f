/** Asking the market over a bad connection: what went wrong is told apart, because what to do differs. */
const PATIENCE_MS = 90_000;
const LATER = new Set([408, 425, 429]);

/** Why a work could not be sent: signal (no connection), market (it cannot now), sign-in, refused (`words` say why). */
export class NotSent extends Error {
  constructor(why, words = "") {
    super(why);
    this.why = why;
    this.words = words;
  }
}

/** fetch() with patience that ends. Throws NotSent: signal. */
export async function ask(address, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(address, { credentials: "same-origin", cache: "no-store", ...options, signal: stop.signal });
  } catch {
    throw new NotSent("signal");
  } finally {
    clearTimeout(timer);
  }
}

/** Throws NotSent for an answer that is not good: market when it may be good later, else refused with its sentences. */
export async function demandGood(answer) {
  if (answer.ok) return answer;
  if (answer.status >= 500 || LATER.has(answer.status)) throw new NotSent("market", await sentences(answer));
  if (answer.status === 401) throw new NotSent("sign-in");
  throw new NotSent("refused", await sentences(answer));
}

/** A fresh form token and the name of who is signed in ("nobody"). */
export async function passport() {
  const answer = await ask("/form-token", { headers: { accept: "application/json" } });
  return (await demandGood(answer)).json();
}

async function sentences(answer) {
  try {
    const told = await answer.json();
    const errors = [...new Set(Object.values(told.errors ?? {}))];
    return (errors.length ? errors : [told.title ?? ""]).join(" ");
  } catch {
    return "";
  }
}
