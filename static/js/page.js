// Comforts of every page. Everything works without them.

// Menus and explanations are <details>: one at a time, closed by Escape and by a click elsewhere.
const menus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  // With nothing to close, Escape takes the filters away.
  const idle = !menus().length && !document.querySelector("dialog[open]") && !event.target.closest?.("input, textarea, select");
  if (idle) document.querySelector("[data-clears]")?.click();
  for (const menu of menus()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const menu of menus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Where there is a pointer that can hover, an explanation opens after resting on it.
if (window.matchMedia("(hover: hover)").matches) {
  let timer = 0;
  document.addEventListener("mouseover", (event) => {
    const card = event.target.closest?.("[data-metric]");
    const over = card?.querySelector("details[data-hover]");
    for (const menu of document.querySelectorAll("details[data-hover][data-hovered][open]")) {
      if (menu !== over) {
        menu.open = false;
        delete menu.dataset.hovered;
      }
    }
    clearTimeout(timer);
    if (!over || over.open || !event.target.closest("summary")) return;
    timer = setTimeout(() => {
      for (const menu of menus()) menu.open = false;
      over.open = true;
      over.dataset.hovered = "yes";
    }, 250);
  });
}

// Whose day begins when: the browser knows the zone.
for (const input of document.querySelectorAll("[data-time-zone]")) {
  input.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

// A file's own time says as of when its counters are; an upload alone would lose it.
// Also when it is chosen: a form that htmx sends is read before the event of sending gets here.
const noteTime = (form) => {
  const modified = form?.elements.namedItem("modified");
  if (modified) modified.value = form.querySelector("input[type=file]")?.files[0]?.lastModified ?? "";
};
document.addEventListener("submit", (event) => noteTime(event.target));
document.addEventListener("change", (event) => {
  if (event.target.type === "file") noteTime(event.target.form);
});

// A hidden page asks for nothing.
document.addEventListener("htmx:beforeRequest", (event) => {
  const polls = event.target.getAttribute?.("hx-trigger")?.startsWith("every");
  if (polls && document.hidden) event.preventDefault();
});

// htmx looks at every link that it is to follow. A page has a hundred of them, of which one is pressed: until then they
// are links like any other.
for (const kind of ["click", "submit"]) {
  document.addEventListener(
    kind,
    (event) => {
      const group = event.target.closest?.("[data-boost]:not([hx-boost])");
      if (!group || !window.htmx) return;
      group.setAttribute("hx-boost", "true");
      window.htmx.process(group);
    },
    true,
  );
}

// After a part of the page has changed, the keyboard stays where it was, and the title tells what is shown.
let pressed = null;
const name = (link) => link.getAttribute("aria-label") ?? link.textContent;
document.addEventListener("htmx:beforeRequest", (event) => {
  const group = event.target.closest?.("[data-keeps]");
  pressed = group && { group: group.dataset.keeps, name: name(event.target) };
});

document.addEventListener("htmx:afterSettle", (event) => {
  const report = event.target.closest?.("#report");
  if (!report) return;
  if (report.dataset.title) document.title = report.dataset.title;
  const group = pressed && report.querySelector(`[data-keeps="${pressed.group}"]`);
  if (!group) return;
  const same = [...group.querySelectorAll("a")].find((link) => name(link) === pressed.name && !link.closest("details:not([open])"));
  // What was chosen in a menu is in the menu, which is closed now.
  const next = same ?? group.querySelector(".menu > summary, [aria-current]");
  next?.focus({ preventScroll: true });
});

// What was ticked in a list stays ticked while the list is ordered or narrowed anew.
let ticked = new Set();
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "channel-list") return;
  ticked = new Set([...event.target.querySelectorAll("input[form]:checked")].map((box) => box.value));
});
document.addEventListener("htmx:afterSettle", () => {
  for (const box of document.querySelectorAll("#channel-list input[form]")) box.checked ||= ticked.has(box.value);
  ticked = new Set();
});

import "./chart.js";
import "./keys.js";
import "./told.js";
import "./live.js";
