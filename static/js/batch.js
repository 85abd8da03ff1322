const LONGEST_TRUSTED_MS = 300000; // another device may answer meanwhile

// The items this person holds: fetched ahead, so that the next one opens at once and without a line.

export class Batch {
  constructor(address, person) {
    Object.assign(this, { address, person, items: [], asked: -Infinity });
  }

  // Asks the server what is held; resolves with the items, or with none where there is no line.
  async load() {
    try {
      const answer = await fetch(this.address, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected) {
        this.items = (await answer.json()).items;
        this.asked = performance.now();
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

  // Whether the server need not be asked anew on coming to an item.
  isFresh(address) {
    const isKnown = this.items.some((item) => item.address === address);
    return isKnown && performance.now() - this.asked < LONGEST_TRUSTED_MS;
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

// What a kept page shows of its item, which uses it up; nothing where it is not kept or was shown.
export async function takeKept(address) {
  for (const name of (await globalThis.caches?.keys()) ?? []) {
    if (!name.startsWith("nikash-items-")) continue;
    const cache = await caches.open(name);
    const kept = await cache.match(address);
    if (!kept || kept.headers.get("x-nikash-shown") === "1") continue;
    const [page, headers] = [await kept.text(), new Headers(kept.headers)];
    headers.set("x-nikash-shown", "1");
    await cache.put(address, new Response(page, { status: kept.status, headers }));
    return new DOMParser().parseFromString(page, "text/html").getElementById("main").innerHTML;
  }
  return "";
}

// Whether this page opens without a line.
export const isKept = async (address) => Boolean(await globalThis.caches?.match(address));

export function register(script) {
  navigator.serviceWorker?.register(script).catch(() => {});
}
