// What this browser keeps until the server has it: IndexedDB, and this page's memory for what that
// does not take (then `isLasting` is false, and the page says so).

const NAME = "nikash";
const STORES = {
  outbox: { keyPath: "id", autoIncrement: true }, // answers on their way, in the order given
  refused: { keyPath: "id", autoIncrement: true }, // answers that the server did not take
  answers: { keyPath: "address" }, // the newest answer to each item on this device
};

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const memory = Object.fromEntries(Object.keys(STORES).map((name) => [name, new Map()]));
let count = 0;
let opened = null;

function open() {
  opened ??= new Promise((resolve) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  }).catch(() => null); // a browser without IndexedDB, or one that forbids it
  return opened;
}

// What came of an act on the database; null where there is none, or none that works (any more).
async function on(names, mode, act) {
  const database = await open();
  if (!database) return null;
  try {
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const result = await done(act(transaction));
    if (mode === "readwrite") {
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
    }
    return { result };
  } catch {
    return null; // full, or cleared while the page was open
  }
}

export const isLasting = async () =>
  (await open()) !== null && Object.values(memory).every((kept) => !kept.size);

export async function all(name) {
  const found = await on([name], "readonly", (within) => within.objectStore(name).getAll());
  return [...(found?.result ?? []), ...memory[name].values()];
}

export async function get(name, key) {
  const found = await on([name], "readonly", (within) => within.objectStore(name).get(key));
  return memory[name].get(key) ?? found?.result;
}

// Keeps a value in each of these stores, or in none: {store: value}.
export async function put(values) {
  const entries = Object.entries(values);
  const act = (within) => entries.map(([name, value]) => within.objectStore(name).put(value)).at(-1);
  const found = await on(Object.keys(values), "readwrite", act);
  for (const [name, value] of entries) {
    const { keyPath } = STORES[name];
    if (found) memory[name].delete(value[keyPath]);
    else memory[name].set((value[keyPath] ??= `here-${(count += 1)}`), value);
  }
}

export async function remove(name, key) {
  if (memory[name].delete(key)) return;
  await on([name], "readwrite", (within) => within.objectStore(name).delete(key));
}
