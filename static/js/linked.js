// Selecting in one figure or table of a report marks the same system, domain, segment, metric or
// cause in all others. What a dot, a cell or a row is about is read from its words; the block
// #linked-words says what each word names. Two things are alike where they agree in every kind
// that both of them have.

const bar = document.querySelector("[data-linked]");
const { words, segments, metrics } = JSON.parse(document.getElementById("linked-words").textContent);
const known = new Map(Object.entries(words));
const domains = new Map(Object.entries(segments)); // a segment's key to its domain
const MOST_CHARACTERS = 3500; // of an address
const MOST_NAMED = 3;

const filled = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
const frame = () => new Promise((done) => requestAnimationFrame(done));

/* What something is about: {kind: [values]} ------------------------------------------------ */

function add(about, found) {
  for (const [kind, values] of Object.entries(found ?? {})) {
    about[kind] = [...new Set([...(about[kind] ?? []), ...values])];
  }
  return about;
}

function named(text) {
  return known.get(text) ?? known.get(text.replace(/^\d+ /, "")); // a line may begin with its rank
}

function segment(key) {
  if (!domains.has(key)) return null;
  return domains.get(key) ? { segment: [key], domain: [domains.get(key)] } : { segment: [key] };
}

/** Its key where it is about anything, so that it can be kept and found again. */
function thing(about, more = {}) {
  const kinds = Object.keys(about).sort();
  return { about, kinds, key: JSON.stringify(kinds.map((kind) => [kind, about[kind]])), ...more };
}

function called({ about }) {
  if (about.segment) return [...about.segment, ...(about.system ?? [])].join(" · ");
  const label = (kind, value) =>
    ["metric", "cause"].includes(kind)
      ? [...known].find(([, found]) => found[kind]?.includes(value))[0]
      : value;
  return Object.entries(about).flatMap(([kind, all]) => all.map((v) => label(kind, v))).join(" · ");
}

/* Likeness ----------------------------------------------------------------------------------- */

function projections(about, kinds) {
  return kinds.reduce((lines, kind) => lines.flatMap((l) => about[kind].map((v) => `${l}\n${v}`)), [""]);
}

/** A test of whether something is like any of the chosen; each pair of shapes is prepared once. */
function likeness(chosen) {
  const groups = Map.groupBy
    ? Map.groupBy(chosen, (one) => one.kinds.join())
    : chosen.reduce((all, one) => all.set(one.kinds.join(), [...(all.get(one.kinds.join()) ?? []), one]), new Map());
  const prepared = new Map();
  return (one) =>
    [...groups].some(([shape, members]) => {
      const shared = members[0].kinds.filter((kind) => one.kinds.includes(kind));
      if (!shared.length) return false;
      const name = `${shape}|${shared}`;
      if (!prepared.has(name)) {
        prepared.set(name, new Set(members.flatMap((member) => projections(member.about, shared))));
      }
      return projections(one.about, shared).some((line) => prepared.get(name).has(line));
    });
}

/* Tables -------------------------------------------------------------------------------------- */

function rowAbout(row, headings) {
  const about = {};
  [...row.cells].forEach((cell, column) => {
    const text = cell.textContent.trim();
    if (headings[column] === bar.dataset.heading) add(about, segment(text));
    else if (!cell.classList.contains("num")) add(about, named(text));
  });
  return about;
}

function readTable(table) {
  const headings = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows]
    .map((row) => thing(rowAbout(row, headings), { row, href: row.querySelector("th a")?.href ?? "" }))
    .filter((one) => one.kinds.length);
  rows.forEach((one, place) => {
    one.button = document.createElement("button");
    one.button.type = "button";
    one.button.className = "pick";
    one.button.tabIndex = place ? -1 : 0; // one stop for the table; arrows go through its rows
    one.button.setAttribute("aria-label", filled(bar.dataset.pick, { name: called(one) }));
    one.button.setAttribute("aria-pressed", "false");
    one.row.cells[0].prepend(one.button);
    one.row.addEventListener("click", (event) => {
      const elsewhere = event.target.closest("a") || (!event.target.closest("button") && `${getSelection()}`);
      if (!elsewhere) toggle([one], true);
    });
  });
  table.addEventListener("keydown", (event) => step(event, rows));
  return { table, rows };
}

function step(event, rows) {
  const place = rows.findIndex(({ button }) => button === event.target);
  const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (place < 0 || next === undefined || !rows[next]) return;
  event.preventDefault();
  rows[place].button.tabIndex = -1;
  rows[next].button.tabIndex = 0;
  rows[next].button.focus();
}

/* Figures ------------------------------------------------------------------------------------- */

const views = new Map(); // figure to what it shows

/** The word at a place of an axis: itself, or the one that stands where the number is. */
function tick(axis, value) {
  if (typeof value === "string") return value;
  return axis?.ticktext?.[Math.round(value)]?.replaceAll("<br>", " ") ?? "";
}

function pointAbout(trace, layout, x, y, text) {
  const about = add(add({}, named(trace.name ?? "")), named(tick(layout.yaxis, y)));
  add(about, named(tick(layout.xaxis, x)));
  const [key, system] = typeof text === "string" ? text.split(" · ") : [];
  if (key) add(add(about, segment(key)), named(system ?? ""));
  return about;
}

function read(figure) {
  const place = figure.querySelector("[data-plot]");
  const metric = metrics.find((name) => figure.dataset.plotly.endsWith(`-${name}`)) ?? "";
  const points = place.data.map((trace) =>
    trace.type === "heatmap"
      ? trace.y.map((y) => trace.x.map((x) => thing(pointAbout(trace, place.layout, x, y), { metric })))
      : [...trace.y].map((y, at) => {
          const about = pointAbout(trace, place.layout, trace.x[at], y, trace.text?.[at]);
          return thing(about, { metric, href: trace.customdata?.[at] ?? "" });
        }),
  );
  const view = { figure, place, points, shapes: place.layout.shapes ?? [], shown: false };
  if (!points.flat(2).some((one) => one.kinds.length)) return;
  if (!views.has(figure)) listen(place, () => views.get(figure));
  views.set(figure, view);
  if (selected.size) highlight(view, likeness([...selected.values()]));
}

const pointAt = (view, { curveNumber, pointNumber }) =>
  [pointNumber].flat().reduce((part, at) => part[at], view.points[curveNumber]);

function listen(place, view) {
  place.on("plotly_click", ({ points, event }) => {
    toggle([pointAt(view(), points[0])], event.shiftKey || event.ctrlKey || event.metaKey);
  });
  place.on("plotly_selected", (event) => {
    if (!event?.range && !event?.lassoPoints) return; // no person drew this
    selected.clear();
    view().shown = true; // plotly itself has dimmed the others
    toggle(event.points.map((point) => pointAt(view(), point)), true);
  });
}

/** Boxes around the cells of a heat map, those beside each other in one. */
function boxes(rows, like) {
  const line = { color: getComputedStyle(bar).color, width: 3 };
  return rows.flatMap((row, y) => {
    const runs = [];
    row.forEach((one, x) => {
      if (!like(one)) return;
      if (runs.at(-1)?.x1 === x - 0.5) runs.at(-1).x1 = x + 0.5;
      else runs.push({ type: "rect", x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, line });
    });
    return runs;
  });
}

function highlight(view, like) {
  const marked = view.points.flat(2).some(like);
  if (!marked && !view.shown) return;
  view.shown = marked;
  const maps = view.points.filter((_, at) => view.place.data[at].type === "heatmap");
  const dots = [...view.points.keys()].filter((at) => view.place.data[at].type !== "heatmap");
  const chosen = dots.map((at) => (marked ? view.points[at].flatMap((one, n) => (like(one) ? [n] : [])) : null));
  const layout = { shapes: [...view.shapes, ...maps.flatMap((rows) => boxes(rows, like))], selections: [] };
  if (dots.length) window.Plotly.update(view.place, { selectedpoints: chosen }, layout, dots);
  else window.Plotly.relayout(view.place, layout);
}

/* The selection ------------------------------------------------------------------------------- */

const selected = new Map(); // key to what is selected
const tables = [...document.querySelectorAll("main section .table-wrap table")].filter((t) => t.tHead).map(readTable);
let turn = 0;

function toggle(things, adds) {
  const about = things.filter((one) => one.kinds.length);
  const again = about.length === 1 && selected.has(about[0].key) && (adds || selected.size === 1);
  if (again) selected.delete(about[0].key);
  else {
    if (!adds) selected.clear();
    about.forEach((one) => selected.set(one.key, one));
  }
  show();
}

function clear() {
  selected.clear();
  show();
}

async function show() {
  const mine = (turn += 1);
  const like = likeness([...selected.values()]);
  const found = [...views.values()].filter((view) => view.points.flat(2).some(like)).length;
  say(found + tables.filter((table) => markRows(table, like)).length);
  const onScreen = ({ figure }) => {
    const { top, bottom } = figure.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  const ordered = [...views.values()].sort((a, b) => onScreen(b) - onScreen(a));
  for (const view of ordered) {
    await frame(); // the page stays quick however many figures there are
    if (mine !== turn) return;
    highlight(view, like);
  }
}

/** Whether a row of the table is marked; the first of them is brought into its own window. */
function markRows({ table, rows }, like) {
  const marked = rows.filter((one) => {
    const is = like(one);
    one.row.classList.toggle("marked", is);
    one.button.setAttribute("aria-pressed", String(selected.has(one.key)));
    return is;
  });
  const pane = table.closest(".table-wrap");
  if (marked.length && !pane.contains(document.activeElement) && !pane.matches(":hover")) {
    pane.scrollTop = marked[0].row.offsetTop - (table.tHead?.offsetHeight ?? 0);
  }
  return marked.length > 0;
}

function say(places) {
  const all = [...selected.values()];
  const first = all.slice(0, MOST_NAMED).map(called).join(", ");
  const more = filled(bar.dataset.more, { names: first, n: all.length - MOST_NAMED });
  const names = all.length > MOST_NAMED ? more : first;
  const was = bar.classList.contains("is-on");
  bar.classList.toggle("is-on", all.length > 0);
  const sentence = all.length ? filled(bar.dataset.said, { names, n: places }) : was ? bar.dataset.cleared : "";
  bar.querySelector("[role=status]").textContent = sentence;
  bar.querySelector("[data-clear]").hidden = !all.length;
  offer(bar.querySelector("[data-segment]"), new Set(all.map(({ href }) => href ?? "")).size === 1 ? all[0].href : "");
  const { address, n } = query(all);
  const open = bar.querySelector("[data-open]");
  open.textContent = n < all.length ? filled(bar.dataset.some, { n }) : bar.dataset.all;
  offer(open, address);
}

function offer(link, address) {
  link.hidden = !address;
  if (address) link.href = address;
}

/* The explorer's address ---------------------------------------------------------------------- */

const part = (text) => text.replace(/[%*]/g, encodeURIComponent).replace(/\*/g, "%2A");

/** The address that shows what is selected, and how many of it fit; none where nothing does. */
function query(all) {
  const only = (values) => (new Set(values).size === 1 ? values[0] : "");
  const picks = new Map();
  const asked = new URLSearchParams();
  const metric = only(all.flatMap((one) => one.about.metric ?? one.metric ?? []).filter((m) => metrics.includes(m)));
  if (metric) asked.set("metric", metric);
  const hasSegments = all.some(({ about }) => about.segment);
  const { without } = bar.dataset;
  if (without && !hasSegments && all.some(({ about }) => about[without])) return { address: "", n: all.length };
  const cause = hasSegments ? "" : only(all.flatMap(({ about }) => about.cause ?? []));
  if (cause) asked.set("cause", cause);
  let n = 0;
  let length = 0;
  for (const { about } of all) {
    const system = about.system ?? [""];
    for (const name of system) {
      const start = `${part(name)}*${about.segment ? "" : part(about.domain?.[0] ?? "")}`;
      const keys = picks.get(start) ?? picks.set(start, new Set()).get(start);
      if (about.segment) about.segment.forEach((key) => keys.add(part(key)));
      length += encodeURIComponent((about.segment ?? [start]).join("*")).length;
    }
    if (length > MOST_CHARACTERS) break;
    n += 1;
  }
  for (const [start, keys] of picks) {
    const pick = [start, ...keys].join("*");
    if (pick.replace(/\*/g, "")) asked.append("picked", pick);
  }
  if (all.length === 1 && picks.size === 1 && !hasSegments) {
    asked.delete("picked"); // the explorer has fields for these
    for (const kind of ["system", "domain"]) if (all[0].about[kind]) asked.set(kind, all[0].about[kind][0]);
  }
  const address = bar.dataset.explorer && `${asked}` ? `${bar.dataset.explorer}?${asked}` : "";
  return { address, n };
}

bar.querySelector("[data-clear]").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && selected.size) clear();
});
document.addEventListener("nikash:drawn", ({ target }) => read(target));
