// The page of MQM and ESA: texts in which errors are marked, their list, undo, and the score.

import { toAscii, toPage } from "./digits.js";
import { ErrorList } from "./error_list.js";
import { History } from "./history.js";
import { keyOf } from "./keys.js";
import { MarkableText } from "./marking.js";

const STORED_MODE = "nikash-mark-by-word";
const read = (id) => JSON.parse(document.getElementById(id).textContent);
let gone = new AbortController(); // of the item before

function setUp() {
  gone.abort();
  gone = new AbortController();
  const form = document.getElementById("answer");
  const part = (name) => form.querySelector(`[data-${name}]`);
  const asked = read("marking-form");
  const texts = read("marking-texts");
  const { words } = asked;
  const field = form.elements.errors;
  const said = part("marking-said");

  // What annotate.js has put back from this device is newer than what came with the page.
  const history = new History(field.value ? JSON.parse(field.value) : read("marking-errors") || []);
  let chosen = null;

  const list = new ErrorList(part("errors"), asked, words, {
    change: (index, fields) => {
      set(changed(index, fields));
      const now = history.state[index];
      if (list.isWhole(now) && !list.node(now.category)?.children.length) close();
      else list.focus();
    },
    // The list stays as it is drawn: somebody is about to click in it.
    note: (index, note) => {
      history.push(changed(index, { note }));
      list.noted(history.state);
      drawTexts();
      send();
    },
    remove,
    choose: (index) => choose(index),
    close,
  });

  const sides = {};
  for (const [side, box] of [["source", document.querySelector(".item-text.source")], ["target", part("target")]]) {
    sides[side] = new MarkableText(box, texts[side], {
      mark: (start, end) => mark(side, start, end),
      choose: (index) => choose(onSide(side)[index]),
      remove: (index) => index >= 0 && remove(onSide(side)[index]),
      number: (index) => toPage(onSide(side)[index] + 1),
      tell: (quoted, index) => {
        const found = index >= 0 ? onSide(side)[index] : -1;
        said.textContent = found < 0 ? quoted : `${quoted} (${toPage(found + 1)}: ${list.label(history.state[found])})`;
      },
    });
  }
  sides.source.box.setAttribute("aria-label", words.source_label);
  let last = sides.target;
  for (const text of Object.values(sides)) text.box.addEventListener("focus", () => (last = text));

  const say = (sentence) => form.dispatchEvent(new CustomEvent("nikash:say", { detail: sentence }));
  const changed = (index, fields) =>
    history.state.map((error, i) => (i === index ? { ...error, ...fields } : error));

  // Which of all errors lie in one text, by their place in the list.
  function onSide(side) {
    return history.state.flatMap((error, index) => (error.side === side && error.start !== null ? [index] : []));
  }

  function draw() {
    list.draw(history.state, chosen);
    drawTexts();
  }

  function drawTexts() {
    for (const [side, text] of Object.entries(sides)) {
      const indexes = onSide(side);
      text.show(indexes.map((i) => ({ ...history.state[i], kind: history.state[i].severity || "open" })), indexes.indexOf(chosen));
    }
    part("none").hidden = history.state.length > 0;
    part("undo").disabled = !history.past.length;
    part("redo").disabled = !history.future.length;
    const whole = part("non-translation");
    if (whole) whole.checked = history.state.some((error) => error.category === asked.nonTranslation);
  }

  function set(state) {
    history.push(state);
    written();
  }

  function written() {
    if (chosen !== null && chosen >= history.state.length) chosen = null;
    draw();
    send();
  }

  function send() {
    field.value = JSON.stringify(history.state);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Undo and redo take away what is in hand; the keyboard then goes on in the text.
  function travel(moved) {
    if (!moved) return;
    const held = document.activeElement;
    const inList = part("errors").contains(held);
    written();
    if (inList && chosen !== null) list.focus();
    else if (inList || held.disabled) last.box.focus({ preventScroll: true });
  }

  function mark(side, start, end) {
    if (history.state.filter((error) => error.start !== null).length >= asked.mostErrors) {
      say(words.too_many);
      return draw();
    }
    const quoted = [...texts[side]].slice(start, end).join("");
    const category = asked.tree && (start === end || side === "source") ? omission() : "";
    chosen = history.state.length;
    set([...history.state, { side, start, end, quoted, category, severity: "", note: "" }]);
    list.focus();
  }

  // What a mark in the source, or on nothing, most often means; it can be changed.
  function omission() {
    const accuracy = asked.tree.find((node) => node.path === "Accuracy");
    return accuracy?.children.find((node) => node.path === "Accuracy/Omission")?.path ?? "";
  }

  function remove(index) {
    chosen = null;
    set(history.state.filter((_, i) => i !== index));
    last.box.focus({ preventScroll: true });
    said.textContent = words.removed;
  }

  function choose(index) {
    chosen = index;
    draw();
    if (index !== null) list.focus();
  }

  function close() {
    chosen = null;
    draw();
    last.box.focus({ preventScroll: true });
  }

  part("undo").addEventListener("click", () => travel(history.undo()));
  part("redo").addEventListener("click", () => travel(history.redo()));
  part("gap").addEventListener("click", () => last.heard.mark(...last.gap()));
  part("non-translation")?.addEventListener("change", (event) => {
    chosen = null;
    const others = history.state.filter((error) => error.category !== asked.nonTranslation);
    const whole = { side: "target", start: null, end: null, quoted: "", category: asked.nonTranslation, severity: "major", note: "" };
    set(event.target.checked ? [...others, whole] : others);
  });

  const byWord = part("by-word");
  byWord.checked = localStorage.getItem(STORED_MODE) !== "0";
  byWord.addEventListener("change", () => {
    localStorage.setItem(STORED_MODE, byWord.checked ? "1" : "0");
    for (const text of Object.values(sides)) text.setByWord(byWord.checked);
  });
  if (!byWord.checked) byWord.dispatchEvent(new Event("change"));

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("textarea, input[type=text]")) return;
    const key = keyOf(event).toLowerCase();
    const again = key === "y" || (event.shiftKey && key === "z");
    if (!again && key !== "z") return;
    event.preventDefault();
    travel(again ? history.redo() : history.undo());
  }, { signal: gone.signal });

  // An answer kept on this device, or given in another tab, is put back.
  form.addEventListener("nikash:restore", () => {
    chosen = null;
    history.push(JSON.parse(field.value || "[]"));
    draw();
    form.elements.score?.dispatchEvent(new Event("input"));
  });

  // Before an item is left: what is marked is described, and what is unusual is meant.
  let confirmed = "";
  form.addEventListener("nikash:finish", (event) => {
    const open = history.state.findIndex((error) => !list.isWhole(error));
    if (open >= 0) {
      say(list.lacksNote(history.state[open]) ? words.needs_note : words.unfinished);
      event.preventDefault();
      return choose(open);
    }
    const question = doubt();
    if (!question || confirmed === question) return;
    confirmed = question;
    say(question);
    event.preventDefault();
  });

  function doubt() {
    const score = form.elements.score ? Number(form.elements.score.value) : null;
    if (history.state.length) return "";
    if (score === null) return words.nothing_marked;
    return score < asked.lowScore ? words.low_without_error : "";
  }

  const range = part("score-range");
  if (range) {
    const number = form.elements.score;
    const follow = () => {
      const unset = number.value === "" || !number.checkValidity();
      range.classList.toggle("unset", unset);
      range.value = unset ? 50 : number.value;
      range.setAttribute("aria-valuetext", unset ? words.not_set : toPage(number.value));
    };
    range.addEventListener("input", () => {
      number.value = range.value;
      follow();
    });
    range.addEventListener("click", () => {
      if (number.value !== "") return;
      number.value = range.value;
      follow();
      number.dispatchEvent(new Event("change", { bubbles: true }));
    });
    range.addEventListener("change", () => number.dispatchEvent(new Event("change", { bubbles: true })));
    number.addEventListener("input", follow);
    // A number field takes ASCII digits only; those of a Marathi or Hindi keyboard become such.
    number.addEventListener("beforeinput", (event) => {
      if (!event.data || toAscii(event.data) === event.data) return;
      event.preventDefault();
      document.execCommand("insertText", false, toAscii(event.data));
    });
    for (const anchor of form.querySelectorAll("[data-anchor]")) {
      anchor.addEventListener("click", () => {
        number.value = anchor.dataset.anchor;
        follow();
        number.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
    follow();
  }

  field.value = JSON.stringify(history.state);
  draw();
}

setUp();
document.addEventListener("nikash:item", setUp);
