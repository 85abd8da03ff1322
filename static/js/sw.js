// Keeps the items that an annotator holds, so that they open at once and without a line. Only the
// browser's copy of pages is kept here; answers are kept by outbox.js.

const ITEMS = "nikash-items-";
const FILES = "nikash-files";
const isItem = (url) => /^\/work\/item\/\d+\/$/.test(url.pathname);
// Only names that carry a hash of their content: such a file never changes.
const isFile = (url) => /^\/static\/.+\.[0-9a-f]{12}\.\w+$/.test(url.pathname);
const MOST_FILES = 120;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => event.waitUntil(keep(event.data)));

async function keep({ person, pages, files }) {
  const name = ITEMS + person;
  for (const other of await caches.keys()) {
    if (other.startsWith(ITEMS) && other !== name) await caches.delete(other);
  }
  const items = await caches.open(name);
  const wanted = new Set(pages.map((page) => new URL(page, self.location).href));
  for (const request of await items.keys()) if (!wanted.has(request.url)) await items.delete(request);
  const kept = await caches.open(FILES);
  if ((await kept.keys()).length > MOST_FILES) await caches.delete(FILES);
  await add(await caches.open(FILES), files.filter((name) => isFile(new URL(name))));
  await add(items, pages);
}

async function add(cache, addresses) {
  for (const address of addresses) {
    if (await cache.match(address)) continue;
    try {
      const answer = await fetch(address);
      if (answer.ok && !answer.redirected) await cache.put(address, answer);
    } catch {
      return; // no line: the rest comes with the next page
    }
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && isItem(url)) event.respondWith(page(event));
  else if (isFile(url)) event.respondWith(file(event.request));
});

// A kept item is shown at once and used up: the next time, the server is asked first.
async function page(event) {
  const name = (await caches.keys()).find((key) => key.startsWith(ITEMS));
  const cache = name && (await caches.open(name));
  const kept = await cache?.match(event.request.url);
  if (kept && kept.headers.get("x-nikash-shown") !== "1") {
    event.waitUntil(cache.put(event.request.url, marked(kept.clone())));
    return kept;
  }
  try {
    const answer = await fetch(event.request);
    if (kept && answer.redirected) await caches.delete(name);
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

function marked(answer) {
  const headers = new Headers(answer.headers);
  headers.set("x-nikash-shown", "1");
  return new Response(answer.body, { status: answer.status, headers });
}

async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept) return kept;
  return fetch(request);
}
