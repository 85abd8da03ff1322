// The items this person holds: fetched ahead, so that the next one opens at once and without a line.

export class Batch {
  constructor(address, person) {
    Object.assign(this, { address, person, items: [] });
  }

  // Asks the server what is held; resolves with the items, or with none where there is no line.
  async load() {
    try {
      const answer = await fetch(this.address, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected) {
        this.items = (await answer.json()).items;
        this.remember();
        this.keep();
        return this.items;
      }
    } catch {
      // no line: what was kept holds
    }
    try {
      this.items = JSON.parse(localStorage.getItem(this.kept) ?? "[]");
    } catch {
      this.items = []; // this browser keeps nothing
    }
    return [];
  }

  remember() {
    try {
      localStorage.setItem(this.kept, JSON.stringify(this.items));
    } catch {
      // full, or forbidden: without a line there is no next item, and nothing else is lost
    }
  }

  get kept() {
    return `nikash-batch-${this.person}-${this.address}`;
  }

  keep() {
    const open = this.items.filter((item) => !item.done).map((item) => item.address);
    const files = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((node) => node.href || node.src);
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const own = [...new Set([...files, ...loaded])].filter((name) => name.startsWith(`${location.origin}/static/`));
    navigator.serviceWorker?.ready.then((ready) =>
      ready.active?.postMessage({ person: this.person, pages: open, files: own }));
  }

  finished(address) {
    this.items = this.items.map((item) => (item.address === address ? { ...item, done: true } : item));
    this.remember();
  }

  // The next item after this one that is not done, or the first there is; null when all are.
  next(address) {
    const here = this.items.findIndex((item) => item.address === address);
    const rest = [...this.items.slice(here + 1), ...this.items.slice(0, Math.max(0, here))];
    return rest.find((item) => !item.done)?.address ?? null;
  }
}

// The page as it was fetched ahead is out of date: the next time, the server is asked.
export async function dropKept(address) {
  for (const name of (await globalThis.caches?.keys()) ?? []) {
    if (name.startsWith("nikash-items-")) await (await caches.open(name)).delete(address);
  }
}

// Whether this page opens without a line.
export const isKept = async (address) => Boolean(await globalThis.caches?.match(address));

export function register(script) {
  navigator.serviceWorker?.register(script).catch(() => {});
}
