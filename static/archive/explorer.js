// Filters, sorts and pages the outputs of an archive; reads the texts only of what it shows.
// An address may choose as the site's own explorer does: ?metric=NAME&system=NAME&domain=NAME, and
// what was selected in the report, ?picked=SYSTEM*DOMAIN*KEY*KEY.
// A classic script: a page opened from a folder may load neither modules nor data.

(() => {
  const A_PAGE = 25;
  const MOST_PICKS = 200;
  const address = new URLSearchParams(window.location.search);
  const form = document.querySelector("[data-explorer]");
  const list = document.querySelector("[data-list]");
  const count = document.querySelector("[data-count]");
  const row = document.querySelector("template[data-row]");
  const selection = document.querySelector("[data-selection]");
  const previous = document.querySelector("[data-previous]");
  const next = document.querySelector("[data-next]");

  const texts = new Map(); // file number to its segments, each a list of texts by system
  const waiting = new Map(); // file number to the promise of its texts
  let data = null;
  let picked = null; // of each output whether it was selected in the report; null where nothing was
  let found = [];
  let page = 0;
  let asked = 0; // the newest question; the answer to an older one is not shown

  window.nikashOutputs = (given) => { data = given; };
  window.nikashTexts = ([number, segments]) => { texts.set(number, segments); };

  function load(address) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", () => done());
      script.addEventListener("error", () => failed(new Error(address)));
      document.head.append(script);
    });
  }

  function loadTexts(number) {
    if (!waiting.has(number)) waiting.set(number, load(`${form.dataset.texts}${number}.js`));
    return waiting.get(number);
  }

  const fileOf = (output) => Math.floor(data.segment[output] / data.segmentsInAFile);
  const textOf = (output) =>
    texts.get(fileOf(output))?.[data.segment[output] % data.segmentsInAFile]?.[data.system[output]] ?? "";
  const chosen = (name) => form.elements[name]?.value ?? "";

  /** Chooses what the address names; a name that the archive does not have is left out. */
  function readAddress() {
    const places = {
      metric: data.metrics.findIndex(({ metric }) => metric === address.get("metric")),
      system: data.systems.indexOf(address.get("system")),
    };
    for (const [name, place] of Object.entries(places)) {
      if (place >= 0) form.elements[name].value = String(place);
    }
    const domain = address.get("domain");
    if (domain && data.segments.some((segment) => segment[1] === domain)) form.elements.domain.value = domain;
    const picks = [...new Set(address.getAll("picked"))].filter((pick) => /[^*]/.test(pick)).slice(0, MOST_PICKS);
    if (picks.length) picked = inPicks(picks);
    selection.hidden = !picks.length;
  }

  /** An output is picked that agrees with every part of a pick that is not empty. */
  function inPicks(picks) {
    const plain = (part) => part.replace(/%(25|2A)/gi, (_, code) => (code === "25" ? "%" : "*"));
    const wanted = picks.map((pick) => {
      const [system, domain = "", ...keys] = pick.split("*").map(plain);
      return { system, domain, keys: new Set(keys.filter(Boolean)) };
    });
    return data.segment.map((place, output) => {
      const [key, domain] = data.segments[place];
      const system = data.systems[data.system[output]];
      return wanted.some(
        (one) =>
          (!one.system || one.system === system) &&
          (!one.domain || one.domain === domain) &&
          (!one.keys.size || one.keys.has(key)),
      );
    });
  }

  /** What outputs are sorted by, largest first; null stands last. */
  function weights() {
    const metric = Number(chosen("metric"));
    const direction = data.metrics[metric]?.direction ?? 1;
    const turned = (values, sign) => values.map((value) => (value === null ? null : sign * value));
    switch (chosen("order")) {
      case "people-best": return turned(data.people, data.direction);
      case "people-worst": return turned(data.people, -data.direction);
      case "metric-best": return turned(data.values[metric], direction);
      case "metric-worst": return turned(data.values[metric], -direction);
      case "gap-metric": return data.gaps[metric];
      case "gap-people": return turned(data.gaps[metric], -1);
      default: return null;
    }
  }

  function matching(words) {
    const system = chosen("system");
    const domain = chosen("domain");
    const outputs = [];
    for (let output = 0; output < data.segment.length; output += 1) {
      if (picked && !picked[output]) continue;
      const segment = data.segments[data.segment[output]];
      if (system !== "" && data.system[output] !== Number(system)) continue;
      if (domain !== "" && segment[1] !== domain) continue;
      if (words && !`${segment[0]}\n${textOf(output)}`.toLowerCase().includes(words)) continue;
      outputs.push(output);
    }
    return outputs;
  }

  function sorted(outputs) {
    const by = weights();
    if (by === null) return outputs;
    return outputs.sort((a, b) => {
      if (by[a] === null || by[b] === null) return (by[a] === null) - (by[b] === null) || a - b;
      return by[b] - by[a] || a - b;
    });
  }

  function number(value) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    return value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 3).replace("-", "−");
  }

  function shown(output) {
    const item = row.content.cloneNode(true);
    const [key, domain, address] = data.segments[data.segment[output]];
    const metric = Number(chosen("metric"));
    const slots = {
      key,
      domain,
      system: data.systems[data.system[output]],
      text: textOf(output),
      people: number(data.people[output]),
      metric: data.metrics[metric]?.name ?? "",
      value: number(data.values[metric]?.[output]),
      gap: number(data.gaps[metric]?.[output]),
    };
    for (const [name, text] of Object.entries(slots)) {
      const slot = item.querySelector(`[data-slot="${name}"]`);
      if (slot) slot.replaceChildren(...window.nikashShown(String(text)));
    }
    item.querySelector('[data-slot="key"]').href = address;
    item.querySelector('[data-slot="text"]').lang = data.lang;
    return item;
  }

  const filled = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

  async function show() {
    const question = (asked += 1);
    const outputs = found.slice(page * A_PAGE, (page + 1) * A_PAGE);
    await Promise.all([...new Set(outputs.map(fileOf))].map(loadTexts));
    if (question !== asked) return;
    list.replaceChildren(...outputs.map(shown));
    list.start = page * A_PAGE + 1;
    const pages = Math.max(1, Math.ceil(found.length / A_PAGE));
    previous.disabled = page === 0;
    next.disabled = page >= pages - 1;
    count.textContent = filled(count.dataset.said, { n: found.length, page: page + 1, pages });
  }

  async function ask() {
    const question = (asked += 1);
    const words = chosen("words").trim().toLowerCase();
    if (words) {
      count.textContent = count.dataset.reading;
      const last = Math.floor((data.segments.length - 1) / data.segmentsInAFile);
      await Promise.all(Array.from({ length: last + 1 }, (_, number) => loadTexts(number)));
      if (question !== asked) return;
    }
    found = sorted(matching(words));
    page = 0;
    await show();
  }

  const told = (problem) => {
    count.textContent = filled(count.dataset.lost, { file: problem.message });
  };
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(told), 150);
  };
  const turn = (by) => {
    page += by;
    show().then(() => list.scrollIntoView({ block: "start" })).catch(told);
  };

  form.addEventListener("input", later);
  selection.querySelector("button").addEventListener("click", () => {
    picked = null;
    selection.hidden = true;
    count.focus();
    ask().catch(told);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  load(form.dataset.outputs).then(readAddress).then(ask).catch(told);
})();
