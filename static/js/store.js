// What this browser keeps until the server has it: IndexedDB, or this page's memory where there is
// none (then `isLasting` is false, and the page says so).

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
    const request = globalThis.indexedDB?.open(NAME, 1);
    if (!request) return resolve(null);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
  return opened;
}

async function on(name, mode, act, without) {
  const database = await open();
  if (!database) return without(memory[name]);
  const transaction = database.transaction(name, mode, { durability: "strict" });
  const result = await done(act(transaction.objectStore(name)));
  if (mode === "readwrite") {
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
  }
  return result;
}

export const isLasting = async () => (await open()) !== null;
export const all = (name) => on(name, "readonly", (store) => store.getAll(), (map) => [...map.values()]);
export const get = (name, key) => on(name, "readonly", (store) => store.get(key), (map) => map.get(key));
export const remove = (name, key) => on(name, "readwrite", (store) => store.delete(key), (map) => map.delete(key));

export const put = (name, value) =>
  on(name, "readwrite", (store) => store.put(value), (map) => {
    const { keyPath } = STORES[name];
    map.set((value[keyPath] ??= count += 1), value);
  });
