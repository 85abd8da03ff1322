// Draws each <figure data-plotly="ID"> from the JSON block with that id, in the house's colours.

const SERIES = 8;
const NARROW = 480; // pixels
const isLinked = document.querySelector("[data-linked]") !== null; // see linked.js
const figures = [...document.querySelectorAll("figure[data-plotly]")];

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A plotly template: looks that a figure's own layout may still override. */
function template() {
  const axis = {
    automargin: true,
    gridcolor: token("line"),
    linecolor: token("line-strong"),
    zerolinecolor: token("line-strong"),
    tickcolor: token("line-strong"),
    ticks: "outside",
    title: { standoff: 12, font: { size: 14 } },
  };
  // By size and strength, never by colour alone.
  const chosen = { selected: { marker: { size: 14, opacity: 1 } }, unselected: { marker: { opacity: 0.18 } } };
  const whiskers = { color: token("ink"), thickness: 1.5 };
  return {
    data: {
      bar: [{ error_x: whiskers, error_y: whiskers, unselected: { marker: { opacity: 0.25 } } }],
      scatter: [{ cliponaxis: false, marker: { size: 9 }, ...chosen }],
      // Gaps and no colour bar: without them plotly writes style attributes, which the CSP refuses.
      heatmap: [
        {
          xgap: 2,
          ygap: 2,
          showscale: false,
          colorscale: [[0, token("surface-sunk")], [1, token("gold")]],
        },
      ],
    },
    layout: {
      height: 360,
      modebar: { bgcolor: "rgba(0,0,0,0)", color: token("ink-soft"), activecolor: token("ink") },
      font: { family: token("face"), size: 14, color: token("ink") },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      colorway: Array.from({ length: SERIES }, (_, i) => token(`series-${i + 1}`)),
      hoverlabel: {
        bgcolor: token("stone-raised"),
        bordercolor: token("gold"),
        font: { family: token("face"), color: token("on-stone") },
      },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      margin: { l: 48, r: 16, t: 32, b: 48 },
      xaxis: axis,
      yaxis: axis,
    },
  };
}

/** Replaces "token:NAME" by that token's colour, anywhere in a figure's spec. */
function resolve(value) {
  if (typeof value === "string" && value.startsWith("token:")) return token(value.slice(6));
  if (Array.isArray(value)) return value.map(resolve);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolve(part)]));
  }
  return value;
}

/** On paper a figure shrinks as a picture does, and what was drawn for a dark page is turned round. */
function forPaper(figure, place) {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  figure.classList.toggle("drawn-dark", scheme === "dark");
  place.querySelectorAll("svg.main-svg").forEach((layer) => {
    const { width, height } = layer;
    layer.setAttribute("viewBox", `0 0 ${width.baseVal.value} ${height.baseVal.value}`);
  });
}

/** One image with a name for a screen reader; the drawing's other layers say nothing. */
function name(place, label) {
  place.querySelectorAll("svg.main-svg").forEach((layer, index) => {
    if (index > 0) {
      layer.setAttribute("aria-hidden", "true");
      return;
    }
    layer.setAttribute("role", "img");
    layer.setAttribute("aria-label", label);
  });
}

/** Words in lines of at most so many characters, where a word is not longer itself. */
function lines(text, most) {
  return String(text).split(" ").reduce((all, word) => {
    const last = all.split("<br>").at(-1);
    return all && last.length + word.length < most ? `${all} ${word}` : `${all}${all && "<br>"}${word}`;
  }, "");
}

/** On a narrow place names and titles take more lines, so that nothing is cut off. */
function narrowed(layout) {
  const axis = (given, most) => {
    if (!given) return given;
    const names = given.ticktext ?? given.categoryarray;
    const title = given.title?.text && { ...given.title, text: lines(given.title.text, 22) };
    return {
      ...given,
      ...(title && { title }),
      ...(names && { tickmode: "array", tickvals: given.tickvals ?? names, ticktext: names.map((n) => lines(n, most)) }),
    };
  };
  return { ...layout, xaxis: axis(layout.xaxis, 12), yaxis: axis(layout.yaxis, 14) };
}

async function draw(figure) {
  const block = document.getElementById(figure.dataset.plotly);
  const place = figure.querySelector("[data-plot]");
  const spec = resolve(JSON.parse(block.textContent));
  // The page's caption is the title; a second one inside the drawing would repeat it.
  const given = place.clientWidth < NARROW ? narrowed(spec.layout ?? {}) : spec.layout;
  const layout = { ...given, template: template(), title: undefined, autosize: true };
  const clouds = isLinked && spec.data.some((trace) => Array.isArray(trace.text) && trace.mode === "markers");
  // A finger that draws a box could not scroll the page.
  if (clouds) layout.dragmode = matchMedia("(hover: hover)").matches ? "select" : false;
  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: true,
    modeBarButtons: clouds ? [["select2d", "lasso2d", "zoom2d", "resetScale2d"], ["toImage"]] : [["toImage"]],
    toImageButtonOptions: { format: "svg", filename: figure.dataset.plotly },
  };
  if (layout.height) place.style.minHeight = `${layout.height}px`;
  await window.Plotly.react(place, spec.data, layout, config);
  name(place, figure.getAttribute("aria-label") ?? "");
  forPaper(figure, place);
  if (!place.dataset.resized) {
    place.dataset.resized = "yes";
    place.on("plotly_relayout", () => forPaper(figure, place));
    place.on("plotly_afterplot", () => forPaper(figure, place));
  }
  figure.dispatchEvent(new CustomEvent("nikash:drawn", { bubbles: true }));
}

async function drawAll() {
  await document.fonts.ready; // text is measured while drawing
  for (const figure of figures) {
    try {
      await draw(figure);
    } catch (problem) {
      figure.classList.add("no-plot"); // the table beside it still says everything
      console.error(problem);
    }
  }
}

if (window.Plotly) {
  drawAll();
  document.addEventListener("nikash:theme", drawAll);
} else {
  figures.forEach((figure) => figure.classList.add("no-plot"));
}
