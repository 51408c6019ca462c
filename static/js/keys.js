// Keys: what each does stands in the sheet, which the server writes. Nothing happens while somebody types.

const PAUSE = 1200; // milliseconds between two keys that belong together
const source = document.documentElement.querySelector("[data-palette]")?.dataset.palette;

let loading = null;
let before = "";
let timer = 0;

async function load() {
  const answer = await fetch(`${source}?at=${encodeURIComponent(window.location.pathname)}`, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  document.body.append(box.content);
  listen(document.getElementById("palette"));
  return [...document.querySelectorAll("[data-keys]")];
}

function rows() {
  loading ??= load().catch(() => {
    loading = null;
    return [];
  });
  return loading;
}

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]") !== null;

function name(event) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") return "Ctrl+K";
  if (event.ctrlKey || event.metaKey || event.altKey) return "";
  // On a keyboard of another script a letter is known by its place.
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  return letter && event.key.length === 1 ? letter.toLowerCase() : event.key;
}

document.addEventListener("keydown", async (event) => {
  if (!source || event.defaultPrevented || event.isComposing || event.repeat) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = name(event);
  if (!key || (key.length > 1 && key !== "Ctrl+K")) return;
  // A browser has its own wish for these.
  if (key === "Ctrl+K" || key === "/") event.preventDefault();
  const known = await rows();
  // After waiting: the second of two quick keys must find the first one told.
  const keys = before ? `${before} ${key}` : key;
  const row = known.find((one) => one.dataset.keys === keys) ?? known.find((one) => one.dataset.keys === key);
  const begins = known.some((one) => one.dataset.keys.startsWith(`${key} `));
  clearTimeout(timer);
  before = !row && begins ? key : "";
  timer = setTimeout(() => (before = ""), PAUSE);
  if (row) act(row);
});

function act({ dataset }) {
  const found = dataset.press ? document.querySelector(dataset.press) : null;
  if (found?.matches("input")) found.focus();
  else if (found) found.click();
  else if (dataset.address) window.location.assign(dataset.address);
  else if (dataset.opens) open(dataset.opens);
}

async function open(id) {
  await rows();
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  // A dialog gives the focus back to where it was when it closes.
  dialog.showModal();
  dialog.querySelector("input")?.select();
}

for (const button of document.querySelectorAll("[data-opens-dialog]")) {
  button.hidden = false;
  button.addEventListener("click", () => open(button.dataset.opensDialog));
}

const DEBOUNCE = 150; // milliseconds without a key before posts are looked for

function listen(dialog) {
  const words = dialog.querySelector("input");
  const list = dialog.querySelector("#palette-list");
  const items = [...list.querySelectorAll("li")];
  let typing = 0;
  let asking = null;
  const shown = () => [...list.querySelectorAll("li:not([hidden]) > :is(a, button)")];
  const tell = () => (dialog.querySelector("#palette-none").hidden = shown().length > 0);
  const filter = () => {
    const parts = words.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) {
      const text = item.textContent.toLocaleLowerCase();
      item.hidden = !parts.every((part) => text.includes(part));
    }
    tell();
  };
  // Posts are the server's business: it has an index of their words.
  const findPosts = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const query = words.value.trim();
    let lines = "";
    try {
      if (query.length > 1) {
        const answer = await fetch(`${list.dataset.posts}?q=${encodeURIComponent(query)}`, { signal, redirect: "error" });
        lines = answer.ok ? await answer.text() : "";
      }
    } catch {
      if (signal.aborted) return;
    }
    if (signal.aborted) return;
    for (const old of list.querySelectorAll("[data-found]")) old.remove();
    list.insertAdjacentHTML("beforeend", lines);
    tell();
  };
  words.addEventListener("input", () => {
    filter();
    clearTimeout(typing);
    typing = setTimeout(findPosts, DEBOUNCE);
  });
  dialog.addEventListener("close", () => {
    words.value = "";
    filter();
    findPosts();
  });
  dialog.addEventListener("click", (event) => {
    const does = event.target.closest("[data-does]")?.dataset.does;
    if (does) document.querySelector(does)?.click();
  });
  dialog.addEventListener("keydown", (event) => {
    const links = shown();
    const at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown") (links[at + 1] ?? links[0])?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? links[at - 1] : words).focus();
    else if (event.key === "Enter" && event.target === words) links[0]?.click();
    else return;
    event.preventDefault();
  });
}

// A click beside a dialog closes it.
document.addEventListener("click", (event) => {
  if (event.target.matches?.("dialog.palette")) event.target.close();
});
