// The annotator's page: saves every change, moves by keyboard, and never loses an answer.

import { flush, put, Refused, SignedOut, waiting } from "./outbox.js";

const LONGEST_GAP_MS = 60000;
const form = document.getElementById("answer");
const state = form.querySelector("[data-state]");
const keys = document.getElementById("keys");
let sequence = Number(form.dataset.sequence);
let activeMs = 0;
let lastSeen = Date.now();

function tick() {
  const now = Date.now();
  if (!document.hidden) activeMs += Math.min(now - lastSeen, LONGEST_GAP_MS);
  lastSeen = now;
}

function show(error) {
  state.replaceChildren();
  if (error instanceof SignedOut) {
    const link = Object.assign(document.createElement("a"), {
      href: form.dataset.login,
      textContent: form.dataset.signIn,
    });
    state.append(`${form.dataset.signedOut} `, link);
  } else if (error instanceof Refused) {
    state.textContent = error.message;
  } else if (waiting()) {
    state.textContent = form.dataset.waiting.replace("{n}", waiting());
  } else {
    state.textContent = form.dataset.saved;
  }
}

// crypto.randomUUID exists on https and localhost only.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function letter(finish) {
  tick();
  sequence += 1;
  const fields = new FormData(form);
  for (const question of form.querySelectorAll(".question[hidden] input")) fields.delete(question.name);
  fields.delete("csrfmiddlewaretoken");
  fields.set("key", newKey());
  fields.set("sequence", sequence);
  fields.set("active_seconds", (activeMs / 1000).toFixed(1));
  fields.set("finish", finish ? "1" : "0");
  return [...fields];
}

async function save(finish) {
  put(form.getAttribute("action"), letter(finish));
  state.textContent = form.dataset.saving;
  try {
    const answer = await flush(show);
    show();
    if (finish && answer?.next) location.assign(answer.next);
  } catch (error) {
    show(error);
  }
}

function missing() {
  const open = [...form.querySelectorAll("[data-required], [data-required-value]")].filter((part) => {
    const hidden = part.closest("[hidden]");
    const value = form.elements[part.dataset.requiredValue];
    const answered = value ? value.value !== "" && value.checkValidity() : part.querySelector(":checked");
    part.classList.toggle("missing", !hidden && !answered);
    return part.classList.contains("missing");
  });
  return open[0];
}

function branch() {
  for (const question of form.querySelectorAll("[data-show-if]")) {
    const asked = form.querySelector(`input[name="${question.dataset.showIf}"]:checked`);
    const value = Number(asked?.value ?? NaN);
    question.hidden = !(value <= Number(question.dataset.atMost));
  }
}

form.addEventListener("change", (event) => {
  branch();
  event.target.closest(".missing")?.classList.remove("missing");
  save(false);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const first = missing();
  if (first) {
    state.textContent = form.dataset.unfinished;
    first.querySelector("input").focus();
    return;
  }
  const say = (words) => (state.textContent = words);
  const finish = new CustomEvent("nikash:finish", { cancelable: true, detail: { say } });
  if (form.dispatchEvent(finish)) save(true);
});

const actions = {
  u: () => form.dataset.previous && location.assign(form.dataset.previous),
  n: () => openNote(form.elements.note),
  f: () => openNote(form.elements.flagged, true),
  "?": () => keys.showModal(),
  Enter: () => form.requestSubmit(),
};

function openNote(field, toggle = false) {
  field.closest("details").open = true;
  field.focus();
  if (toggle) field.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  const typing = event.target.matches("textarea, input[type=text], a, button, summary, select");
  if (typing) return;
  const devanagari = "०१२३४५६७८९".indexOf(event.key);
  const key = devanagari >= 0 ? String(devanagari) : event.key;
  const choice = form.querySelector(`input[data-key="${CSS.escape(key)}"]`);
  if (!choice && !actions[key]) return;
  event.preventDefault();
  if (choice) {
    choice.focus();
    choice.click();
  } else {
    actions[key]();
  }
});

form.querySelector("[data-help]").hidden = false;
form.querySelector("[data-help]").addEventListener("click", () => keys.showModal());
document.addEventListener("visibilitychange", tick);
addEventListener("online", () => flush(show).then(() => show(), show));
branch();
if (waiting()) flush(show).then(() => show(), show);
