// Bringing a part of the page up to what the server says now, touching nothing that is the same: focus, scrolling,
// open details and typed words stay. What scripts have made carries data-made and stays as well.

const HELD = new Set(["open", "hidden", "tabindex", "role", "aria-label", "style"]);
const GONE = ["aria-current", "aria-hidden", "class", "title", "href"];
const CONTROLS = "input, textarea, select";
const COUNTED = "td.number, .figure__value, [data-number]";

// A row is known by its post, a card by its heading, anything else by its id or key.
function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  const { key, post, metric, chart } = node.dataset;
  return node.id || key || (post && `post-${post}`) || metric || chart || node.getAttribute("aria-labelledby") || "";
}

const kindOf = (node) => node.nodeName + (node.getAttribute?.("class") ?? "").split(" ", 1)[0];

function alike(have, want) {
  return kindOf(have) === kindOf(want) && keyOf(have) === keyOf(want);
}

function attributes(have, want) {
  for (const { name, value } of want.attributes)
    if (!HELD.has(name) && have.getAttribute(name) !== value) have.setAttribute(name, value);
  for (const name of GONE) if (have.hasAttribute(name) && !want.hasAttribute(name)) have.removeAttribute(name);
}

// What somebody has typed or chosen is theirs; what the server alone writes into a form is the server's.
function control(have, want) {
  const written = ["hidden", "checkbox", "radio"].includes(have.type);
  if (written && have.getAttribute("value") !== want.getAttribute("value")) have.replaceWith(want);
}

function node(have, want, seen) {
  if (have.nodeType !== Node.ELEMENT_NODE) {
    if (have.data === want.data) return;
    have.data = want.data;
    const counted = have.parentElement?.closest(COUNTED);
    if (counted && want.data.trim()) seen.counted.add(counted);
    return;
  }
  if (have.isEqualNode(want) || have.matches("[data-keep]")) return;
  if (have.matches(CONTROLS)) return control(have, want);
  // What asks by itself does so in its own way: one that asks in another is another.
  if (have.getAttribute("hx-trigger") !== want.getAttribute("hx-trigger")) return have.replaceWith(want);
  if (have.namespaceURI !== want.namespaceURI) return have.replaceWith(want);
  if (have.nodeName === "svg") {
    // A drawing is one thing.
    have.replaceWith(want);
    seen.drawn = true;
    return;
  }
  attributes(have, want);
  if (have.hasAttribute("data-live")) return;
  // What was loaded into it later is not in the answer.
  if (have.hasAttribute("hx-get") && have.children.length && !want.children.length) return;
  children(have, want, seen);
}

function children(have, want, seen) {
  const keyed = new Map();
  for (const child of have.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  let at = have.firstChild;
  const skip = () => {
    while (at?.nodeType === Node.ELEMENT_NODE && at.hasAttribute("data-made")) at = at.nextSibling;
  };
  for (const wanted of [...want.childNodes]) {
    skip();
    let found = keyOf(wanted) ? (keyed.get(keyOf(wanted)) ?? null) : at;
    // Without a name it is the next of its kind.
    if (!keyOf(wanted)) while (found && !(alike(found, wanted) && !found.dataset?.made)) found = found.nextSibling;
    if (!found || found.nodeName !== wanted.nodeName) {
      have.insertBefore(wanted, at);
      if (wanted.nodeType === Node.ELEMENT_NODE) seen.fresh.push(wanted);
      continue;
    }
    if (found === at) at = at.nextSibling;
    else have.insertBefore(found, at);
    node(found, wanted, seen);
  }
  while (at) {
    const next = at.nextSibling;
    if (at.nodeType !== Node.ELEMENT_NODE || !at.hasAttribute("data-made")) at.remove();
    at = next;
  }
}

// Make `have` what `want` is; tells what is new, which counters moved, and whether a drawing changed.
export function morph(have, want) {
  const seen = { fresh: [], counted: new Set(), drawn: false };
  attributes(have, want);
  children(have, want, seen);
  return seen;
}

// Long tables stand in <noscript>, so that the page is there sooner; with a script they are unfolded when there is
// time, or somebody wants them.
export function unfold(place) {
  for (const folded of place.querySelectorAll("noscript[data-waits]")) {
    if (folded.firstElementChild) {
      // Of a document that was read without scripts.
      folded.replaceWith(...folded.childNodes);
      continue;
    }
    const read = document.createElement("template");
    read.innerHTML = folded.textContent;
    folded.replaceWith(read.content);
  }
}

export function tableOf(name) {
  const folded = document.querySelector(`noscript[data-waits="${CSS.escape(name)}"]`);
  if (folded) unfold(folded.parentElement);
  return document.getElementById(`${name}-table`);
}
