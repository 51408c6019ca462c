// A chart to zoom into: plotly.js, loaded when somebody first asks for it, draws what the server has drawn, of the
// same numbers (data-figure) and with the texts of the table beside the chart.

import { tableOf } from "./morph.js";

const FONT = 12;
const DAY = 86_400;
const open_ = new Map(); // name of a chart: { frame, tools, place }

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const language = document.documentElement.lang || "en";

let loading = null;

// plotly.js writes style elements, which our content policy forbids. It leaves it where one with their id is there.
const STYLES = [
  "plotly.js-style-global",
  "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53", // of maps, which the basic bundle cannot draw
];

function load({ plotly, look }) {
  loading ??= new Promise((resolve, reject) => {
    const sheet = document.createElement("link");
    Object.assign(sheet, { rel: "stylesheet", href: look, id: STYLES[0], className: "no-inline-styles" });
    const none = document.createElement("meta");
    Object.assign(none, { id: STYLES[1], className: "no-inline-styles" });
    const script = document.createElement("script");
    Object.assign(script, { src: plotly, async: true, onload: () => resolve(window.Plotly) });
    sheet.onload = () => document.head.append(script);
    script.onerror = sheet.onerror = () => {
      for (const made of [sheet, none, script]) made.remove();
      loading = null;
      reject(new Error("plotly.js could not be loaded"));
    };
    document.head.append(none, sheet);
  });
  return loading;
}

// Plotly's days and months are English: ours come from the browser.
function locale() {
  const name = (options, date) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(date);
  const months = (month) => Array.from({ length: 12 }, (_, at) => name({ month }, Date.UTC(2024, at, 15)));
  const days = (weekday) => Array.from({ length: 7 }, (_, at) => name({ weekday }, Date.UTC(2024, 8, 1 + at)));
  return {
    name: "page",
    dictionary: {},
    format: {
      days: days("long"),
      shortDays: days("short"),
      months: months("long"),
      shortMonths: months("short"),
      periods: ["AM", "PM"],
      dateTime: "%-d %b %Y %H:%M",
      date: "%-d %b %Y",
      time: "%H:%M",
    },
  };
}

// As the server writes numbers: the decimal sign, then that between thousands.
function separators() {
  const parts = new Intl.NumberFormat(language).formatToParts(1_234_567.5);
  const find = (type) => parts.find((part) => part.type === type)?.value ?? " ";
  return find("decimal") + find("group");
}

function momentsOf(figure) {
  const [first, ...steps] = figure.at ?? [];
  if (figure.kind === "band") return figure.at;
  if (!figure.even) return steps.reduce((all, step) => [...all, all.at(-1) + step], first === undefined ? [] : [first]);
  return figure.series[0].y.map((_, index) => first + index * steps[0]);
}

// Seconds of the wall clock as Plotly reads them: it takes what has no zone for UTC.
const moment = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19);

function withBreaks(values, breaks, nothing) {
  const all = [...values];
  for (const index of [...(breaks ?? [])].reverse()) all.splice(index, 0, nothing(index));
  return all;
}

function traceOf(one, index, context) {
  const { figure, moments, texts, width } = context;
  const cell = (at) => texts[at]?.[index] ?? "";
  const place = (at) => (figure.kind === "band" ? at : moment(at));
  // A bar needs no break, a line does: nothing is drawn over what was not observed.
  const breaks = one.look === "bar" ? [] : one.breaks;
  const ink = one.look === "compared" ? token("--ink-soft") : token(`--chart-${one.ink}`) || token("--ink");
  const trace = {
    name: one.name,
    x: withBreaks(moments.map(place), breaks, (at) => place((moments[at - 1] + moments[at]) / 2)),
    y: withBreaks(one.y, breaks, () => null),
    text: withBreaks(one.y.map((_, at) => cell(at)), breaks, () => ""),
    hovertemplate: figure.series.length > 1 ? "%{fullData.name}: %{text}<extra></extra>" : "%{text}<extra></extra>",
    connectgaps: false,
    textposition: "none",
  };
  if (one.look === "bar") return { ...trace, type: "bar", width, offset: 0, marker: { color: ink } };
  const lonely = one.y.filter((value) => value !== null).length < 2;
  Object.assign(trace, { type: "scatter", mode: lonely ? "markers" : "lines", textposition: "top center" });
  trace.line = { color: ink, width: one.look === "line" ? 2 : 1.5, dash: one.look === "compared" ? "dash" : "solid" };
  if (one.look === "area") Object.assign(trace, { fill: "tozeroy" });
  if (one.look === "low" || one.look === "high") trace.line = { color: ink, width: 0 };
  if (one.look === "high") Object.assign(trace, { fill: "tonexty", fillcolor: faint(token("--ink-soft")) });
  return trace;
}

function faint(colour) {
  const [, r, g, b] = /^#(..)(..)(..)$/.exec(colour) ?? [];
  return r ? `rgba(${[r, g, b].map((part) => Number.parseInt(part, 16)).join(",")},0.18)` : colour;
}

function shapesOf(figure) {
  const across = { yref: "paper", y0: 0, y1: 1, layer: "below" };
  const gaps = (figure.gaps ?? []).map(([from, to]) => ({
    ...across,
    type: "rect",
    x0: moment(from),
    x1: moment(to),
    line: { width: 0 },
    fillcolor: faint(token("--hatch")),
  }));
  const marks = (figure.marks ?? []).map(([at]) => ({
    ...across,
    type: "line",
    x0: moment(at),
    x1: moment(at),
    line: { width: 1, dash: "dot", color: token("--ink-soft") },
  }));
  return [...gaps, ...marks];
}

const bare = (text) => text.replace(/[<>&]/g, " ");

function layoutOf(figure, height) {
  const font = { family: getComputedStyle(document.body).fontFamily, size: FONT, color: token("--ink-soft") };
  const line = token("--line");
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: token("--line-strong"), tickfont: font };
  const isTime = figure.kind !== "band";
  const close = (figure.at?.[1] ?? DAY) < DAY;
  const ticks = figure.ticks ?? [];
  return {
    height,
    font,
    separators: separators(),
    paper_bgcolor: token("--surface"),
    plot_bgcolor: token("--surface"),
    margin: { l: 8, r: 8, t: (figure.marks ?? []).length ? 24 : 8, b: 8 },
    barmode: "relative",
    showlegend: false,
    dragmode: "zoom",
    hovermode: figure.series.length > 1 ? "x unified" : "x",
    hoverlabel: { bgcolor: token("--ink"), bordercolor: token("--ink"), font: { ...font, color: token("--surface") } },
    xaxis: {
      ...axis,
      automargin: true,
      showgrid: !isTime,
      range: figure.span.map((at) => (isTime ? moment(at) : at)),
      ...(isTime
        ? { type: "date", hoverformat: close ? "%-d %b %Y, %H:%M" : "%-d %b %Y" }
        : { tickvals: ticks.map(([at]) => at), ticktext: ticks.map(([, text]) => bare(text)) }),
    },
    yaxis: {
      ...axis,
      automargin: true,
      fixedrange: true,
      rangemode: figure.kind === "line" ? "normal" : "tozero",
      tickformat: figure.digits ? undefined : ",~f",
    },
    shapes: shapesOf(figure),
    annotations: (figure.marks ?? []).map(([at, label, text]) => ({
      x: moment(at),
      y: 1,
      yref: "paper",
      yanchor: "bottom",
      showarrow: false,
      text: bare(label),
      hovertext: bare(text),
      font: { ...font, color: token("--ink") },
    })),
  };
}

function textsOf(name) {
  const rows = tableOf(name)?.tBodies[0]?.rows ?? [];
  const cells = (row) => [...row.cells].slice(1).filter((cell) => !cell.classList.contains("chart__note"));
  return [...rows].map((row) => cells(row).map((cell) => bare(cell.textContent.trim())));
}

function drawn(frame) {
  const figure = JSON.parse(frame.dataset.figure);
  const moments = momentsOf(figure);
  // A bar fills its bucket.
  const widths = moments.slice(1).map((at, index) => (at - moments[index]) * 1000);
  const last = (figure.span[1] - (moments.at(-1) ?? 0)) * 1000;
  const context = { figure, moments, texts: textsOf(frame.dataset.chart), width: [...widths, last].map((w) => w * 0.8) };
  const height = Math.max(300, frame.querySelector("svg")?.clientHeight ?? 0);
  return { traces: figure.series.map((one, index) => traceOf(one, index, context)), layout: layoutOf(figure, height) };
}

const CONFIG = { displayModeBar: false, displaylogo: false, responsive: true, scrollZoom: false, showTips: false };

function arrange({ tools, frame, place }, isOpen) {
  for (const button of tools.querySelectorAll("[data-act]")) button.hidden = (button.dataset.act === "open") === isOpen;
  tools.toggleAttribute("data-open", isOpen);
  frame.hidden = isOpen;
  place.hidden = !isOpen;
}

// Show the chart of these tools to zoom into. Throws where plotly.js cannot be had.
export async function open(tools) {
  const name = tools.dataset.plot;
  const frame = document.querySelector(`[data-chart="${CSS.escape(name)}"]`);
  if (!frame || open_.has(name)) return;
  tools.setAttribute("aria-busy", "true");
  try {
    const Plotly = await load(tools.dataset);
    const place = document.createElement("div");
    place.className = "plot";
    place.dataset.made = "plot";
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", frame.querySelector("svg > title")?.textContent ?? "");
    frame.after(place);
    const one = { tools, frame, place };
    open_.set(name, one);
    const { traces, layout } = drawn(frame);
    arrange(one, true);
    const page = locale();
    await Plotly.newPlot(place, traces, layout, { ...CONFIG, locale: page.name, locales: { [page.name]: page } });
    tools.querySelector('[data-act="in"]').focus({ preventScroll: true });
  } finally {
    tools.removeAttribute("aria-busy");
  }
}

function close(name) {
  const one = open_.get(name);
  if (!one) return;
  open_.delete(name);
  window.Plotly.purge(one.place);
  arrange(one, false);
  one.place.remove();
  one.tools.querySelector('[data-act="open"]').focus({ preventScroll: true });
}

function zoom(place, share) {
  const range = place.layout.xaxis.range.map((at) => (typeof at === "number" ? at : Date.parse(`${at.replace(" ", "T")}Z`)));
  const middle = (range[0] + range[1]) / 2;
  const half = ((range[1] - range[0]) / 2) * share;
  const isTime = place.layout.xaxis.type === "date";
  const at = (value) => (isTime ? new Date(value).toISOString().slice(0, 23) : value);
  return window.Plotly.relayout(place, { "xaxis.range": [at(middle - half), at(middle + half)] });
}

function all(one) {
  const figure = JSON.parse(one.frame.dataset.figure);
  const range = figure.span.map((at) => (figure.kind === "band" ? at : moment(at)));
  return window.Plotly.relayout(one.place, { "xaxis.range": range });
}

// By way of an SVG in a data: address, which is what our content policy lets pictures come from.
async function picture(name, place) {
  const width = place.clientWidth;
  const height = place.clientHeight;
  const address = await window.Plotly.toImage(place, { format: "svg", width, height });
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: width * 2, height: height * 2 });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${document.title.split(" · ").slice(-2, -1)[0] ?? "chart"} ${name}.png`.replaceAll(/\s+/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".chart__tools [data-act]");
  const name = button?.closest(".chart__tools").dataset.plot;
  const one = open_.get(name);
  if (!one) return;
  const { act } = button.dataset;
  if (act === "in") zoom(one.place, 0.5);
  else if (act === "out") zoom(one.place, 2);
  else if (act === "all") all(one);
  else if (act === "picture") picture(name, one.place);
  else if (act === "close") close(name);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const within = event.target.closest?.(".chart__tools, .plot");
  const name = within?.dataset.plot ?? [...open_.keys()].find((key) => open_.get(key).place === within);
  if (name) close(name);
});

// The page brought its numbers up to date, or its colours changed: drawn anew, looking at the same span.
function renew() {
  for (const [name, one] of open_) {
    if (!one.frame.isConnected) {
      open_.delete(name);
      window.Plotly.purge(one.place);
      continue;
    }
    const { traces, layout } = drawn(one.frame);
    const { range } = one.place.layout.xaxis;
    window.Plotly.react(one.place, traces, { ...layout, xaxis: { ...layout.xaxis, range } });
  }
}

document.addEventListener("live:moved", renew);
document.addEventListener("htmx:afterSettle", renew);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renew);
