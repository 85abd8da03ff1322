// One text in which errors are marked: by click and click, by dragging, by tap and tap, by keyboard.
// Offsets are code points; what can be pointed at is a word, or a single character as readers see it.

import { shown } from "./hidden.js";
import { keyOf } from "./keys.js";
import { segments, unitBounds, wordSpans } from "./spans.js";

const paired = (bounds) => bounds.slice(1).map((end, i) => [bounds[i], end]);

export class MarkableText {
  // box: the element that shows the text; heard: {mark(start, end), choose(index), words: {...}}
  constructor(box, text, heard) {
    Object.assign(this, { box, text, heard, errors: [], cursor: 0, anchor: null, pending: null });
    this.points = [...text];
    this.byWord = true;
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "application");
    this.box.setAttribute("aria-describedby", "marking-hint");
    this.box.classList.add("markable");
    this.cut();
    this.listen();
    this.draw();
  }

  // What can be pointed at: words with the punctuation between them, or characters.
  cut() {
    const found = this.byWord ? wordSpans(this.text) : paired(unitBounds(this.text));
    this.steps = found.length ? found : paired(unitBounds(this.text));
    this.cursor = Math.min(this.cursor, Math.max(0, this.steps.length - 1));
  }

  setByWord(byWord) {
    const at = this.steps[this.cursor]?.[0] ?? 0;
    this.byWord = byWord;
    this.anchor = this.pending = null;
    this.cut();
    this.cursor = this.stepAt(at);
    this.draw();
  }

  // The step that holds an offset, or the nearest before it.
  stepAt(offset) {
    let found = 0;
    for (const [i, [start]] of this.steps.entries()) if (start <= offset) found = i;
    return found;
  }

  show(errors, chosen) {
    Object.assign(this, { errors, chosen });
    this.draw();
  }

  // [start, end) between two steps, in either direction.
  range(a, b) {
    return [this.steps[Math.min(a, b)][0], this.steps[Math.max(a, b)][1]];
  }

  selected() {
    const from = this.anchor ?? this.pending;
    return from === null ? null : this.range(from, this.cursor);
  }

  draw() {
    const spans = this.errors.map(({ start, end }) => [start, end]);
    const kinds = this.errors.map((error) => error.kind);
    const extra = (span, kind) => {
      spans.push(span);
      kinds.push(kind);
    };
    for (const span of this.steps) extra(span, "step");
    const selection = this.selected();
    if (selection) extra(selection, "selected");
    if (this.steps.length && (this.focused || selection)) extra(this.steps[this.cursor], "cursor");
    const pieces = segments(this.text, spans);
    this.box.replaceChildren(...pieces.map((piece) => this.piece(piece, kinds)));
    this.box.classList.toggle("is-empty", !this.text);
  }

  piece({ start, end, marks }, kinds) {
    const node = document.createElement("span");
    node.append(...shown(this.points.slice(start, end).join("")));
    node.dataset.at = start;
    for (const index of marks) if (kinds[index] !== "step") node.classList.add(`is-${kinds[index]}`);
    const over = this.innermost(marks.filter((index) => index < this.errors.length));
    if (!over.length) return node;
    node.classList.add("error");
    node.classList.toggle("overlap", over.length > 1);
    node.classList.toggle("gap", start === end);
    node.classList.toggle("is-chosen", over.includes(this.chosen));
    node.dataset.error = over[0];
    const ending = over.filter((index) => this.errors[index].end === end);
    if (ending.length) node.dataset.n = ending.map((index) => this.heard.number(index)).join(" ");
    return node;
  }

  // Errors by their place in `errors`, the shortest first: that is the one a click means.
  innermost(indexes) {
    const length = (index) => this.errors[index].end - this.errors[index].start;
    return [...indexes].sort((a, b) => length(a) - length(b) || b - a);
  }

  listen() {
    let pressed = null;
    this.box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      pressed = this.pointed(event.target);
      if (pressed === null) return;
      this.moved = false;
      if (event.pointerType === "mouse") this.box.setPointerCapture?.(event.pointerId);
    });
    this.box.addEventListener("pointermove", (event) => {
      const over = this.pointed(document.elementFromPoint(event.clientX, event.clientY));
      if (over === null) return;
      if (pressed !== null && event.pointerType === "mouse" && over !== pressed) {
        this.moved = true;
        this.pending ??= pressed;
      }
      if (this.pending === null || over === this.cursor) return;
      this.cursor = over;
      this.draw();
    });
    this.box.addEventListener("pointerup", (event) => {
      const node = document.elementFromPoint(event.clientX, event.clientY);
      const over = this.pointed(node);
      if (pressed !== null && over !== null) this.released(over, node);
      else if (pressed !== null && this.moved) this.released(this.cursor, this.box);
      pressed = null;
    });
    this.box.addEventListener("pointercancel", () => (pressed = null));
    // A tap's mouse events would hit whatever the page has moved under the finger meanwhile.
    this.box.addEventListener("touchend", (event) => event.cancelable && event.preventDefault());
    this.box.addEventListener("focus", () => this.focus(true));
    this.box.addEventListener("blur", () => this.focus(false));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  focus(focused) {
    this.focused = focused;
    if (!focused) this.anchor = null;
    this.draw();
    if (focused) this.tell();
  }

  pointed(node) {
    const piece = node?.closest?.("[data-at]");
    return piece && this.box.contains(piece) ? this.stepAt(Number(piece.dataset.at)) : null;
  }

  released(over, node) {
    const error = node.closest("[data-error]")?.dataset.error;
    const from = this.pending;
    this.cursor = over;
    if (from !== null) {
      this.pending = null;
      this.heard.mark(...this.range(from, over));
    } else if (error !== undefined && !this.moved) {
      this.heard.choose(Number(error));
    } else {
      this.pending = over;
      this.box.focus({ preventScroll: true }); // a tap does not
      this.draw();
    }
  }

  key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 };
    const rightToLeft = getComputedStyle(this.box).direction === "rtl";
    let step = steps[event.key];
    if (rightToLeft && Math.abs(step) === 1) step = -step;
    if (event.key === "Home") step = -this.steps.length;
    if (event.key === "End") step = this.steps.length;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isGap = keyOf(event).toLowerCase() === "o";
    if (!this.steps.length && !isGap) return;
    if (step) this.move(step, event.shiftKey);
    else if (event.key === "Escape" && this.selected()) this.cancel();
    else if (event.key === " " || event.key === "Enter") this.markSelected();
    else if (isGap) this.heard.mark(...this.gap(event.shiftKey));
    else if (event.key === "Delete" || event.key === "Backspace") this.heard.remove(this.here());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(step, extend) {
    if (extend) this.anchor ??= this.cursor;
    else this.anchor = null;
    this.cursor = Math.min(Math.max(this.cursor + step, 0), this.steps.length - 1);
    this.draw();
    this.tell();
  }

  cancel() {
    this.anchor = this.pending = null;
    this.draw();
  }

  markSelected() {
    const range = this.selected() ?? this.steps[this.cursor];
    this.anchor = this.pending = null;
    this.heard.mark(...range);
  }

  // The place after the word under the cursor (or before it), where something is missing.
  gap(before = false) {
    const at = this.steps.length ? this.steps[this.cursor][before ? 0 : 1] : this.points.length;
    return [at, at];
  }

  // The innermost error under the cursor, or -1.
  here() {
    const [start, end] = this.steps[this.cursor];
    const isHere = (e) => (e.start < end && e.end > start) || (e.start === e.end && e.start === end);
    const found = [...this.errors.keys()].filter((index) => isHere(this.errors[index]));
    return this.innermost(found)[0] ?? -1;
  }

  tell() {
    if (!this.steps.length) return;
    const range = this.selected() ?? this.steps[this.cursor];
    this.heard.tell(this.points.slice(...range).join(""), this.here());
  }
}
