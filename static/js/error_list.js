// The marked errors as a list; the chosen one opens to be described: severity, category, note.

import { toPage } from "./digits.js";
import { shown } from "./hidden.js";
import { keyOf } from "./keys.js";

const el = (tag, fields = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), fields);
  node.append(...children);
  return node;
};
const letter = (i) => String.fromCharCode(97 + i);

export class ErrorList {
  // list: an <ol>; form: what the protocol asks; heard: {change(index, fields), note(index, note), remove, choose, close}
  constructor(list, form, words, heard) {
    Object.assign(this, { list, form, words, heard });
    this.labels = new Map();
    const collect = (nodes, above) => {
      for (const node of nodes) {
        this.labels.set(node.path, above ? `${above}: ${node.label}` : node.label);
        collect(node.children, node.label);
      }
    };
    collect(form.tree ?? [], "");
    list.addEventListener("keydown", (event) => this.key(event));
  }

  label(error) {
    if (error.category === this.form.nonTranslation) return this.words.non_translation;
    return this.labels.get(error.category) ?? error.category;
  }

  quoted(error) {
    if (error.start === null) return this.words.whole;
    return error.quoted === "" ? this.words.missing_here : `“${error.quoted}”`;
  }

  isWhole(error) {
    if (error.category === this.form.nonTranslation) return true;
    if (!error.severity) return false;
    if (!this.form.tree) return true;
    return Boolean(error.category) && !this.lacksNote(error);
  }

  lacksNote(error) {
    return Boolean(this.node(error.category)?.needsNote) && error.note.trim() === "";
  }

  node(path, nodes = this.form.tree ?? []) {
    for (const node of nodes) {
      const found = node.path === path ? node : this.node(path, node.children);
      if (found) return found;
    }
    return null;
  }

  draw(errors, chosen) {
    this.errors = errors;
    this.chosen = chosen;
    this.list.replaceChildren(...errors.map((error, index) => this.row(error, index)));
  }

  // A note was written: the rows stay, only what is unfinished changes.
  noted(errors) {
    this.errors = errors;
    for (const [i, row] of [...this.list.children].entries()) {
      row.classList.toggle("is-unfinished", !this.isWhole(errors[i]));
    }
  }

  row(error, index) {
    const open = index === this.chosen;
    const whole = this.isWhole(error);
    const head = el("button", { type: "button", className: "error-head" },
      el("span", { className: "error-quoted" }, ...shown(this.quoted(error))),
      " ",
      el("span", {
        className: `badge severity ${error.severity}`,
        textContent: this.words.severities[error.severity] ?? this.words.open,
      }),
      " ",
      el("span", { className: "error-category soft", textContent: this.label(error) }));
    head.setAttribute("aria-expanded", open);
    head.addEventListener("click", () => this.heard.choose(open ? null : index));
    const row = el("li", { className: `error-row${open ? " is-open" : ""}${whole ? "" : " is-unfinished"}` }, head);
    if (open) row.append(this.editor(error, index));
    return row;
  }

  editor(error, index) {
    const box = el("div", { className: "error-editor" });
    if (error.category !== this.form.nonTranslation) {
      box.append(this.choices(this.words.severity, `severity-${index}`,
        this.form.severities.map((value, i) => ({ value, label: this.words.severities[value], key: String(i + 1) })),
        error.severity, (severity) => this.heard.change(index, { severity })));
      if (this.form.tree) box.append(...this.categories(error, index));
    }
    const note = el("input", { type: "text", maxLength: 500, value: error.note });
    note.setAttribute("form", "none");
    note.addEventListener("change", () => this.heard.note(index, note.value));
    box.append(el("label", { className: "error-note" }, el("span", { textContent: this.words.note }), note));
    const button = (text, className, act) => {
      const made = el("button", { type: "button", className, textContent: text });
      made.addEventListener("click", act);
      return made;
    };
    box.append(el("div", { className: "row" },
      button(this.words.done, "button small", () => this.heard.close()),
      button(this.words.remove, "button small quiet", () => this.heard.remove(index))));
    return box;
  }

  categories(error, index) {
    const [top] = error.category.split("/");
    const parts = [];
    let nodes = this.form.tree;
    let path = top;
    const rest = error.category.split("/").slice(1);
    for (let level = 0; nodes.length; level += 1) {
      const options = nodes.map((node, i) => ({ value: node.path, label: node.label, key: letter(i) }));
      const asked = level ? this.label({ category: path.split("/").slice(0, level).join("/") }) : this.words.category;
      parts.push(this.choices(asked, `category-${index}-${level}`, options, path,
        (category) => this.heard.change(index, { category })));
      const chosen = nodes.find((node) => node.path === path);
      nodes = chosen?.children ?? [];
      path = rest.length ? `${path}/${rest.shift()}` : "";
    }
    return parts;
  }

  choices(legend, name, options, chosen, act) {
    const steps = el("div", { className: "steps" });
    for (const { value, label, key } of options) {
      const input = el("input", { type: "radio", name, value, checked: value === chosen });
      input.setAttribute("form", "none");
      input.dataset.choice = key;
      input.addEventListener("change", () => act(value));
      steps.append(el("label", {}, input, " ", el("span", { textContent: label }), " ", el("kbd", { textContent: toPage(key) })));
    }
    return el("fieldset", { className: "scale" }, el("legend", { textContent: legend }), steps);
  }

  // The keys of the open row's last question that is not answered yet, digits always of the first.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = [...this.list.children].indexOf(event.target.closest(".error-row"));
    const closes = event.key === "Escape" || event.key === "Enter";
    if (event.target.matches("input[type=text]")) {
      if (!closes) return;
      event.target.blur(); // which sends the note
      this.heard.close();
    } else if (event.key === "Escape") this.heard.close();
    else if (event.key === "Delete") this.heard.remove(row);
    else if (!this.pick(keyOf(event).toLowerCase())) return;
    event.preventDefault();
    event.stopPropagation();
  }

  pick(key) {
    const asked = [...this.list.querySelectorAll(".error-editor fieldset")].reverse();
    for (const fieldset of asked) {
      const input = fieldset.querySelector(`input[data-choice="${CSS.escape(key)}"]`);
      if (!input) continue;
      input.click();
      return true;
    }
    return false;
  }

  // Where the keyboard goes in the open row: its first open question, the note it needs, else what
  // was chosen, else its heading.
  focus() {
    const row = this.list.querySelector(".is-open");
    const open = [...(row?.querySelectorAll("fieldset") ?? [])].find((set) => !set.querySelector(":checked"));
    const error = this.errors[this.chosen];
    const note = error && this.lacksNote(error) ? row?.querySelector(".error-note input") : null;
    const target = open?.querySelector("input") ?? note ?? row?.querySelector("input:checked") ?? row?.querySelector("button");
    target?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }
}
