// Shows the live part of a page anew every half minute, without loading the page again. It waits
// while the page is hidden, paused, or being read with the keyboard or a selection.

const EVERY_MS = 30000;
const place = document.querySelector("[data-live]");
const said = document.querySelector("[data-live-said]");
const lost = document.querySelector("[data-live-lost]");
const pause = document.querySelector("[data-live-pause]");
let timer = 0;
let dueAt = Date.now() + EVERY_MS;
let isPaused = false;

const isBeingRead = () =>
  place.contains(document.activeElement) || (!getSelection().isCollapsed && place.contains(getSelection().anchorNode));

function put(fresh) {
  const before = place.querySelector("[data-live-part]")?.dataset.summary;
  place.replaceChildren(document.adoptNode(fresh));
  if (fresh.dataset.summary !== before) said.textContent = fresh.dataset.summary;
}

async function refresh() {
  try {
    const answer = await fetch(place.dataset.live, { signal: AbortSignal.timeout(EVERY_MS) });
    if (answer.redirected) return location.reload(); // signed out
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live-part]");
    if (fresh && !isBeingRead() && !isPaused) put(fresh);
    lost.hidden = true;
  } catch {
    lost.hidden = false; // what is shown stays; the next turn asks again
  }
}

function wait() {
  clearTimeout(timer);
  if (document.hidden || isPaused) return;
  timer = setTimeout(turn, Math.max(0, dueAt - Date.now()));
}

async function turn() {
  dueAt = Date.now() + EVERY_MS;
  if (!isBeingRead()) await refresh();
  wait();
}

pause.hidden = false;
pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.textContent = isPaused ? pause.dataset.goOn : pause.dataset.pause;
  wait();
});
document.addEventListener("visibilitychange", wait);
wait();
