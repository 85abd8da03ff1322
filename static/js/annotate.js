// The annotator's page: saves every change, moves by keyboard, and never loses an answer.

import { Batch, dropKept, isKept, register, takeKept } from "./batch.js";
import { keyOf } from "./keys.js";
import { newKey, Outbox, Refused } from "./outbox.js";
import { Guard, link, showState } from "./save_state.js";
import * as store from "./store.js";

const LONGEST_GAP_MS = 60000;
const main = document.getElementById("main");
const words = JSON.parse(document.getElementById("state-words").textContent);
const { person, ...site } = document.getElementById("answer").dataset;
const outbox = new Outbox(person, (error) => show(error));
const guard = new Guard(outbox);
const batch = new Batch(site.batch, `${person}-${document.documentElement.lang}`);
const tabs = new BroadcastChannel("nikash-answers");
// The item that is shown, and the form with its answer.
let form, state, keys, address, sequence, activeMs, more, notice;
let lastSeen = performance.now(); // a clock that is set right while the page is open leaps

function tick() {
  const now = performance.now();
  if (!document.hidden) activeMs += Math.min(now - lastSeen, LONGEST_GAP_MS);
  lastSeen = now;
}

const show = (error) => showState({ state, words, login: form.dataset.login, outbox, more, notice }, error);

// A sentence about the answer itself: it stays until the answer changes.
function say(sentence) {
  notice = sentence;
  state.textContent = sentence;
}

function answerFields() {
  const fields = new FormData(form);
  for (const question of form.querySelectorAll(".question[hidden] input")) fields.delete(question.name);
  for (const half of form.querySelectorAll("input:invalid")) fields.delete(half.name);
  for (const name of ["csrfmiddlewaretoken", "key", "sequence", "active_seconds"]) fields.delete(name);
  return [...fields];
}

function letter(fields, finish) {
  tick();
  sequence += 1;
  return [
    ...fields,
    ["key", newKey()],
    ["sequence", sequence],
    ["active_seconds", (activeMs / 1000).toFixed(1)],
    ["client_time", new Date().toISOString()],
    ["finish", finish ? "1" : "0"],
  ];
}

async function save(finish) {
  state.textContent = words.saving;
  const here = form;
  const onward = finish ? batch.next(address) : null;
  const isAhead = Boolean(onward && navigator.serviceWorker?.controller);
  const fields = answerFields();
  const sent = [...letter(fields, finish), ["bring", finish && !isAhead ? "1" : "0"]];
  const kept = { address, person, sequence, fields };
  await outbox.put(address, sent, kept);
  tabs.postMessage(kept);
  if (finish) batch.finished(address);
  const sending = outbox.flush();
  sending.catch(() => {}); // told below, or with the next item
  if (onward && (await store.isLasting()) && form === here) {
    const html = await takeKept(onward);
    if (html) return form === here && turnTo(onward, html);
    if (await isKept(onward)) return guard.goOn(onward);
  }
  const problem = await sending.then(() => null, (error) => error);
  const answer = outbox.take(Object.fromEntries(sent).key);
  if (form !== here) return;
  if (problem && !answer) {
    if (finish && !(problem instanceof Refused)) more = words.lastHere;
    return show(problem);
  }
  await show();
  if (answer?.sequence > sequence) overtaken(answer.sequence);
  else if (finish && answer?.html) turnTo(answer.next, answer.html);
  else if (finish) guard.goOn(answer?.next ?? onward);
}

// The next item takes this one's place, with all that comes with a page of its own: its address,
// a clean form, and the heading read out.
function turnTo(next, html) {
  main.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  history.pushState(null, "", next);
  open();
  document.dispatchEvent(new CustomEvent("nikash:item"));
  scrollTo(0, 0);
  document.getElementById("item-title").focus({ preventScroll: true });
  start();
}

// Another device answered this item later than this page knew: both are kept, the newer one counts.
function overtaken(newest) {
  sequence = newest;
  dropKept(address);
  state.replaceChildren(words.overtaken, " ", link(location.pathname, words.reload));
}

// Puts a kept answer into the form, as if it were given again, without sending it.
function restore({ fields, sequence: newest }) {
  sequence = Math.max(sequence, newest);
  const given = new Map();
  for (const [name, value] of fields) given.set(name, [...(given.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || field.form !== form || field.name === "csrfmiddlewaretoken") continue;
    const values = given.get(field.name) ?? [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (given.has(field.name)) field.value = values[0];
  }
  const { note, flagged } = form.elements;
  if (note.value || flagged.checked) note.closest("details").open = true;
  branch();
  form.dispatchEvent(new CustomEvent("nikash:restore"));
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

function changed(event) {
  if (event.target.form !== form) return;
  notice = "";
  branch();
  event.target.closest(".missing")?.classList.remove("missing");
  save(false);
}

function submitted(event) {
  event.preventDefault();
  const first = missing();
  if (first) {
    say(words.unfinished);
    first.querySelector("input").focus();
    return;
  }
  notice = "";
  if (form.dispatchEvent(new CustomEvent("nikash:finish", { cancelable: true }))) save(true);
}

const actions = {
  u: () => form.dataset.previous && guard.goOn(form.dataset.previous),
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
  const key = keyOf(event);
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

// The item that the page shows now.
function open() {
  form = document.getElementById("answer");
  state = form.querySelector("[data-state]");
  keys = document.getElementById("keys");
  address = form.getAttribute("action");
  sequence = Number(form.dataset.sequence);
  [activeMs, lastSeen, more, notice] = [0, performance.now(), "", ""];
  form.addEventListener("change", changed);
  form.addEventListener("submit", submitted);
  form.addEventListener("nikash:say", (event) => say(event.detail));
  form.querySelector("[data-help]").hidden = false;
  form.querySelector("[data-help]").addEventListener("click", () => keys.showModal());
}

document.addEventListener("visibilitychange", tick);

// Back and forward among items: the server says what was answered.
addEventListener("popstate", async () => {
  if (location.pathname === address) return;
  await guard.goOn();
  location.reload();
});

tabs.addEventListener("message", ({ data }) => {
  if (data.person !== person) return;
  if (data.address === address && data.sequence > sequence) restore(data);
  show().then(() => outbox.again());
});

async function start() {
  const here = form;
  branch();
  const kept = await store.get("answers", address);
  if (form !== here) return;
  if (kept?.person === person && kept.sequence > sequence) restore(kept);
  const items = batch.isFresh(address) ? batch.items : await batch.load();
  await outbox.see(address);
  if (form !== here) return;
  if ((await outbox.waiting()) || (await outbox.told()).length) {
    await show();
    await outbox.again();
  } else if (!(await store.isLasting())) {
    state.replaceChildren(words.notLasting);
  } else if (sequence && !state.textContent) {
    await show();
  }
  const known = items.find((item) => item.address === address);
  if (known?.sequence > sequence && !outbox.unsent && form === here) overtaken(known.sequence);
}

register(site.worker);
open();
start();
