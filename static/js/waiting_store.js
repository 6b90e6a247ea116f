/** What waits in this phone: an IndexedDB with the works and their files. */
const NAME = "waiting";
const VERSION = 1;

let opened;

function database() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("works", { keyPath: "id" });
      asked.result.createObjectStore("files", { keyPath: "id" }).createIndex("work", "work");
      asked.result.createObjectStore("leases", { keyPath: "name" });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { asked.result.close(); opened = undefined; };
      done(asked.result);
    };
    asked.onerror = () => { opened = undefined; failed(asked.error); };
  });
  return opened;
}

/** One transaction: `act` gets the stores by name and may return a request; its result is the answer. */
async function transact(names, mode, act) {
  const open = await database();
  return new Promise((done, failed) => {
    const transaction = open.transaction(names, mode);
    const asked = act(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => done(asked?.result);
    transaction.onabort = () => failed(transaction.error);
    transaction.onerror = () => failed(transaction.error);
  });
}

/** A new work with its files, all or nothing; the same id again replaces it. */
export async function keepWork(work, files) {
  const before = await filesOf(work.id);
  const now = new Set(files.map((file) => file.id));
  await transact(["works", "files"], "readwrite", (works, kept) => {
    for (const file of before) if (!now.has(file.id)) kept.delete(file.id);
    for (const file of files) kept.put({ ...file, work: work.id });
    works.put(work);
  });
}

export const allWorks = () => transact(["works"], "readonly", (works) => works.getAll());

export const oneWork = (id) => transact(["works"], "readonly", (works) => works.get(id));

export const filesOf = (id) => transact(["files"], "readonly", (files) => files.index("work").getAll(id));

export const saveFile = (file) => transact(["files"], "readwrite", (files) => files.put(file));

/** Changes a work that is still there; gives it as it is now, undefined when it was deleted meanwhile. */
export async function changeWork(id, change) {
  let changed;
  await transact(["works"], "readwrite", (works) => {
    const asked = works.get(id);
    asked.onsuccess = () => {
      if (!asked.result) return;
      changed = { ...asked.result, ...change };
      works.put(changed);
    };
  });
  return changed;
}

export async function removeFiles(id) {
  const files = await filesOf(id);
  await transact(["files"], "readwrite", (kept) => { for (const file of files) kept.delete(file.id); });
}

export async function removeWork(id) {
  await removeFiles(id);
  await transact(["works"], "readwrite", (works) => works.delete(id));
}

/** Takes or prolongs a lease for those who have no Web Locks; false when somebody else holds it. */
export async function takeLease(name, by, milliseconds) {
  let taken = false;
  await transact(["leases"], "readwrite", (leases) => {
    const asked = leases.get(name);
    asked.onsuccess = () => {
      const held = asked.result;
      if (held && held.by !== by && held.until > Date.now()) return;
      taken = true;
      leases.put({ name, by, until: Date.now() + milliseconds });
    };
  });
  return taken;
}
