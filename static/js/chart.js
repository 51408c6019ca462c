// Reading a chart by pointer, finger or arrow keys: the values come from the table beside it, which says in
// data-x (percent) and data-y (pixels) where each of them is drawn.

import { tableOf, unfold } from "./morph.js";

const cache = new WeakMap();

// A page that is never idle waits two seconds.
const whenIdle = window.requestIdleCallback
  ? (action) => window.requestIdleCallback(action, { timeout: 2000 })
  : (action) => setTimeout(action, 200);

// Long tables are unfolded one at a time: none of them keeps the page from answering.
function unfoldOne() {
  const folded = document.querySelector("noscript[data-waits]");
  if (!folded) return;
  unfold(folded.parentElement);
  whenIdle(unfoldOne);
}

const words = (cell) => cell.textContent.trim();

// One stop of the reading line: a moment with a value of each series.
function along(row, names) {
  const cells = [...row.cells].slice(1);
  const note = cells.filter((cell) => cell.classList.contains("chart__note")).map(words);
  return {
    x: Number(row.dataset.x),
    label: words(row.cells[0]),
    note: note.join(""),
    values: cells
      .map((cell, index) => ({ name: names[index + 1], text: words(cell), y: cell.dataset.y, cell }))
      .filter((value) => !value.cell.classList.contains("chart__note")),
  };
}

// One stop of a map: an hour of a weekday.
function cellsOf(row, names) {
  return [...row.cells].slice(1).map((cell, index) => ({
    x: Number(cell.dataset.x),
    at: Number(cell.dataset.y),
    label: `${words(row.cells[0])} ${names[index + 1]}`,
    note: "",
    values: [{ name: "", text: words(cell), y: undefined }],
  }));
}

// One stop of horizontal bars: a row of the table.
function rowOf(row, names) {
  const values = [...row.cells].slice(1).map((cell, index) => ({ name: names[index + 1], text: words(cell) }));
  const { x, y } = row.cells[1].dataset;
  return { x: Number(x ?? 0), at: y === undefined ? null : Number(y), label: words(row.cells[0]), note: "", values };
}

function stopsOf(frame) {
  const table = tableOf(frame.dataset.chart);
  if (!table) return [];
  const names = [...table.tHead.rows[0].cells].map(words);
  const rows = [...table.tBodies[0].rows];
  if (frame.dataset.reading === "cells") return rows.flatMap((row) => cellsOf(row, names));
  if (frame.dataset.reading === "rows") return rows.map((row) => rowOf(row, names)).filter((stop) => stop.at !== null);
  return rows.map((row) => along(row, names));
}

function stops(frame) {
  if (!cache.has(frame)) cache.set(frame, { stops: stopsOf(frame), at: -1 });
  return cache.get(frame).stops;
}

function layer(frame) {
  const found = frame.querySelector(".chart__reading");
  if (found) return found;
  const made = document.createElement("div");
  made.className = "chart__reading";
  made.setAttribute("aria-hidden", "true");
  frame.append(made);
  return made;
}

function element(name, kind, text = "") {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}

function tipOf(stop) {
  const tip = element("div", "chart__tip");
  if (stop.values.length === 1) tip.append(element("b", "chart__value", stop.values[0].text));
  tip.append(element("span", "chart__when", stop.label));
  if (stop.values.length > 1) {
    const list = element("dl", "chart__values");
    for (const value of stop.values) list.append(element("dt", "", value.name), element("dd", "", value.text));
    tip.append(list);
  }
  if (stop.note) tip.append(element("span", "chart__told", stop.note));
  return tip;
}

function show(frame, index) {
  const stop = stops(frame)[index];
  cache.get(frame).at = index;
  const width = frame.clientWidth;
  const left = (stop.x / 100) * width;
  const parts = [];
  if (stop.at === undefined) parts.push(element("div", "chart__cursor"));
  const spots = stop.at === undefined ? stop.values.filter((value) => value.y !== undefined) : [{ y: stop.at }];
  const kind = frame.dataset.reading === "cells" ? "chart__spot chart__spot--cell" : "chart__spot";
  for (const spot of spots) {
    const made = element("div", kind);
    made.style.top = `${spot.y}px`;
    parts.push(made);
  }
  for (const made of parts) made.style.left = `${left}px`;
  const tip = tipOf(stop);
  layer(frame).replaceChildren(...parts, tip);
  place(frame, tip, left, stop.at);
}

// A tip of a single value, in pixels: it may stand anywhere.
const LOW = 64;

function place(frame, tip, left, at) {
  const room = frame.clientWidth - tip.offsetWidth;
  let x = left - tip.offsetWidth / 2;
  if (at === undefined) {
    // Beside the reading line where there is room, so that it hides no value; on a narrow screen below the chart.
    const right = left + tip.offsetWidth + 12 <= frame.clientWidth;
    const beside = right || left - tip.offsetWidth - 12 >= 0;
    if (beside) x = right ? left + 12 : left - tip.offsetWidth - 12;
    tip.style.top = beside || tip.offsetHeight < LOW ? "0" : `${frame.clientHeight}px`;
  } else {
    const above = at - tip.offsetHeight - 18;
    tip.style.top = `${above < -24 ? at + 18 : above}px`;
  }
  tip.style.left = `${Math.max(Math.min(0, room), Math.min(room, x))}px`;
}

function hide(frame) {
  frame.querySelector(".chart__reading")?.remove();
}

function nearest(frame, x, y) {
  const width = frame.clientWidth;
  const far = (stop) => {
    const across = ((stop.x - x) / 100) * width;
    if (stop.at === undefined) return Math.abs(across);
    return frame.dataset.reading === "rows" ? Math.abs(stop.at - y) : Math.hypot(across, stop.at - y);
  };
  const all = stops(frame);
  return all.reduce((best, stop, index) => (far(stop) < far(all[best]) ? index : best), 0);
}

function follow(event) {
  const frame = event.target.closest?.("[data-chart]");
  for (const other of document.querySelectorAll("[data-chart]")) if (other !== frame) hide(other);
  if (!frame || !stops(frame).length) return;
  const box = frame.getBoundingClientRect();
  show(frame, nearest(frame, ((event.clientX - box.left) / box.width) * 100, event.clientY - box.top));
}

document.addEventListener("pointermove", follow);
document.addEventListener("pointerdown", follow);
document.addEventListener("pointerleave", () => {
  for (const frame of document.querySelectorAll("[data-chart]")) hide(frame);
});

// Keys: a chart with a table takes the focus; what the arrows reach is spoken.

const HOURS = 24;

function target(key, at, count, reading) {
  const down = reading === "cells" ? HOURS : 1;
  const page = reading === "cells" ? HOURS : 7;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -down, ArrowDown: down, PageUp: -page, PageDown: page };
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (!(key in steps)) return null;
  if (at < 0) return steps[key] > 0 ? 0 : count - 1;
  const wanted = at + steps[key];
  // In a map a step beyond the last row stays in its column.
  if (reading === "cells" && Math.abs(steps[key]) > 1) return wanted < 0 || wanted >= count ? at : wanted;
  return Math.max(0, Math.min(count - 1, wanted));
}

function speak(text) {
  let voice = document.getElementById("chart-voice");
  if (!voice) {
    voice = element("div", "visually-hidden");
    voice.id = "chart-voice";
    voice.setAttribute("role", "status");
    voice.setAttribute("aria-live", "polite");
    document.body.append(voice);
  }
  voice.textContent = text;
}

function sentence(stop) {
  const values = stop.values.map((value) => (stop.values.length > 1 ? `${value.name} ${value.text}` : value.text));
  return [`${stop.label}: ${values.join(", ")}`, stop.note].filter(Boolean).join(". ");
}

document.addEventListener("keydown", (event) => {
  const frame = event.target;
  if (!frame.matches?.("[data-chart]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return hide(frame);
  if (event.key === "Enter") return explore(toolsOf(frame));
  const all = stops(frame);
  const next = target(event.key, cache.get(frame).at, all.length, frame.dataset.reading);
  if (next === null || !all.length) return;
  event.preventDefault();
  show(frame, next);
  speak(sentence(all[next]));
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-chart]")) hide(event.target);
});

// Without this script a chart is a picture; with it, something to move in.
function upgrade() {
  for (const frame of document.querySelectorAll("[data-chart]:not([tabindex])")) {
    const { chart } = frame.dataset;
    const folded = `noscript[data-waits="${CSS.escape(chart)}"]`;
    if (!document.getElementById(`${chart}-table`) && !document.querySelector(folded)) continue;
    frame.tabIndex = 0;
    frame.setAttribute("role", "application");
    const title = frame.querySelector("svg > title")?.textContent ?? "";
    frame.setAttribute("aria-label", [title, frame.dataset.hint].filter(Boolean).join(". "));
  }
  for (const tools of document.querySelectorAll(".chart__tools[hidden]")) tools.hidden = false;
  speak("");
}

upgrade();
whenIdle(unfoldOne);
document.addEventListener("htmx:afterSettle", () => {
  upgrade();
  whenIdle(unfoldOne);
});
document.addEventListener("toggle", (event) => unfold(event.target), true);

// The numbers of the page were brought up to date: what was read of the tables before is old.
document.addEventListener("live:moved", () => {
  for (const frame of document.querySelectorAll("[data-chart]")) {
    cache.delete(frame);
    hide(frame);
  }
  upgrade();
});

// Zooming needs more than a drawing: loaded when somebody first asks for it.
function explore(tools) {
  if (tools) import("./plot.js").then(({ open }) => open(tools)).catch(() => {});
}

const toolsOf = (frame) => document.querySelector(`.chart__tools[data-plot="${CSS.escape(frame.dataset.chart)}"]`);

document.addEventListener("click", (event) => {
  const button = event.target.closest?.('.chart__tools [data-act="open"]');
  if (button) return explore(button.closest(".chart__tools"));
  // A finger reads by tapping.
  const frame = event.pointerType === "touch" ? null : event.target.closest?.("[data-chart]");
  if (frame && !event.target.closest("a")) explore(toolsOf(frame));
});
