// Follows a job's JSON at data-job-url, moves the bar, says what changed, reloads at the end.

const FIRST_MS = 300; // what is small is done by then
const EVERY_MS = 1000;
const SLOWEST_MS = 15000;
const SAY_EVERY_PERCENT = 10;
const UNFINISHED = new Set(["queued", "pending", "running", "cancelling"]);

function follow(job) {
  const part = (name) => job.querySelector(`[data-job-${name}]`);
  let wait = EVERY_MS;
  let said = -1;

  function showBar({ n_done: done, n_total: total }) {
    const bar = part("bar");
    part("done").textContent = done ?? 0;
    part("total").textContent = total || "?";
    if (!total) {
      bar.removeAttribute("value");
      return;
    }
    bar.max = total;
    bar.value = done;
    const step = Math.floor((100 * done) / total / SAY_EVERY_PERCENT);
    if (step === said) return;
    said = step;
    part("live").textContent = `${part("badge").textContent}: ${done} / ${total}`;
  }

  function showState({ state, state_label: label }) {
    const badge = part("badge");
    badge.className = `badge state-${state}`;
    badge.textContent = label ?? badge.getAttribute(`data-label-${state}`) ?? state;
  }

  function show(answer) {
    showState(answer);
    showBar(answer);
    part("message").textContent = answer.message ?? "";
    part("error").textContent = answer.error ?? "";
    part("error").hidden = !answer.error;
  }

  async function ask() {
    try {
      const response = await fetch(job.dataset.jobUrl, {
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      const answer = await response.json();
      show(answer);
      wait = EVERY_MS;
      if (!UNFINISHED.has(answer.state)) {
        window.location.reload();
        return;
      }
    } catch {
      wait = Math.min(2 * wait, SLOWEST_MS); // a bad line or a restart: ask again, more slowly
    }
    setTimeout(ask, wait);
  }

  if (UNFINISHED.has(job.dataset.jobState)) setTimeout(ask, FIRST_MS);
}

document.querySelectorAll("[data-job-url]").forEach(follow);
