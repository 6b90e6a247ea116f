/** The round in this phone: names and addresses for one person and one day, sealed with a key that no script can read.
 *  It goes when somebody else comes, when somebody signs out (shell_worker.js) and when the day is over. */
const NAME = "round";
const LONGEST_MS = 18 * 3600 * 1000;

function database() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
  });
}

async function transact(mode, act) {
  const open = await database();
  try {
    return await new Promise((done, failed) => {
      const transaction = open.transaction("kept", mode);
      const asked = act(transaction.objectStore("kept"));
      transaction.oncomplete = () => done(asked?.result);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    open.close();
  }
}

async function sealingKey() {
  const kept = await transact("readonly", (store) => store.get("key"));
  if (kept) return kept;
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await transact("readwrite", (store) => store.put(key, "key"));
  return key;
}

/** Keeps a round {at, offset, day, done, stops} of this owner. */
export async function keepRound(owner, round) {
  const key = await sealingKey();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(round));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(owner) }, key, text);
  await transact("readwrite", (store) => store.put({ iv, sealed, owner, at: Date.now() }, "round"));
}

/** The round kept for this owner today; null when there is none. Anybody else's is forgotten. */
export async function keptRound(owner) {
  const kept = await transact("readonly", (store) => store.get("round"));
  if (!kept) return null;
  if (kept.owner !== owner || Date.now() - kept.at > LONGEST_MS) {
    await forgetRound();
    return null;
  }
  try {
    const key = await sealingKey();
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv, additionalData: new TextEncoder().encode(owner) }, key, kept.sealed);
    return JSON.parse(new TextDecoder().decode(text));
  } catch {
    await forgetRound();
    return null;
  }
}

export const forgetRound = () => transact("readwrite", (store) => store.clear());
