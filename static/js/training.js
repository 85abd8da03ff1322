// Draws a run's curves again while it trains; progress.js reloads the page at its end.

const EVERY_MS = 3000;
const UNFINISHED = new Set(["queued", "running"]);

function follow(place) {
  async function draw() {
    try {
      const answer = await fetch(place.dataset.curvesUrl);
      if (answer.ok) place.innerHTML = await answer.text();
    } finally {
      setTimeout(draw, EVERY_MS);
    }
  }

  if (UNFINISHED.has(place.dataset.curvesState)) setTimeout(draw, EVERY_MS);
}

document.querySelectorAll("[data-curves-url]").forEach(follow);
