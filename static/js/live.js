// A page that shows the present stays as new as its data. A WebSocket says that something has moved; the page then
// asks for its own part, with the tag of what it has (304: nothing new). Without a socket it asks by itself, often
// while somebody is at it and seldom later. A hidden page asks for nothing.

import { morph, unfold } from "./morph.js";

const SECOND = 1000;
const OFTEN = 3 * SECOND;
const SELDOM = 60 * SECOND;
const DEAF = 65 * SECOND; // three pings of the server (analytics/live/groups.py)
const HIDDEN = 20 * SECOND; // a glance at another tab does not end the socket
const SHARE = 4; // a page that always hears news spends at most one part of its time in so many on asking
const LATELY = 10 * SECOND;
const SAID = 30 * SECOND;
const ENDED = new Set([4401, 4404]); // analytics/live/admission.py
const TOO_MANY = 4429;

let socket = null;
let heard = 0; // when the socket last said something
let tries = 0;
let touched = Date.now();
let asking = false;
let again = false;
let rest = 0; // until when the page leaves the server alone
let asked = []; // when, lately
let failed = false;
let said = 0;
const timers = {};

const mark = () => document.querySelector("[data-live]");
// The part of the page that is brought up to date.
const rootOf = (place) => place.closest("#report, [data-live-root]");
const isLive = () => socket?.readyState === WebSocket.OPEN && heard > 0;

function after(name, wait, action) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(action, wait);
}

const shaken = (wait) => wait * (0.8 + Math.random() * 0.4);

// The longer nobody touches it, the less often.
const patience = () => Math.min(SELDOM, Math.max(OFTEN, (Date.now() - touched) / 10));

function tell() {
  const place = mark();
  if (!place) return;
  let state = isLive() ? "live" : patience() < SELDOM / 2 ? "often" : "seldom";
  if (failed || document.hidden || !navigator.onLine) state = "paused";
  if (place.dataset.state === state && !place.hidden) return;
  place.dataset.state = state;
  place.querySelector(".live__word").textContent = place.getAttribute(`data-word-${state}`);
  place.hidden = false;
}

function plan() {
  tell();
  clearTimeout(timers.ask);
  if (!mark() || document.hidden) return;
  // With a socket as well: a message may be lost, and some numbers move by the clock.
  after("ask", shaken(isLive() ? SELDOM : patience()), ask);
}

// At most one question at a time, and a pause after each as long as it deserves.
function soon() {
  if (document.hidden || !mark()) return;
  if (asking) again = true;
  else after("ask", Math.max(0, rest - Date.now()), ask);
}

async function ask() {
  const place = mark();
  if (!place || asking || document.hidden) return;
  asking = true;
  again = false;
  const began = Date.now();
  const address = location.href;
  try {
    const answer = await fetch(address, {
      headers: { "HX-Request": "true", "HX-Target": rootOf(place).id, "X-Polled": "1", "If-None-Match": place.dataset.tag },
      cache: "no-store",
      redirect: "manual",
    });
    failed = answer.status >= 500;
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return renew();
    const text = answer.status === 200 ? await answer.text() : "";
    // Meanwhile somebody may have gone elsewhere, or htmx be about to.
    if (text && location.href === address && place === mark() && !document.querySelector(".htmx-request")) take(text);
  } catch {
    failed = true;
  } finally {
    asking = false;
    asked = [...asked.filter((at) => at > began - LATELY), began];
    // The first news at once, those that come one upon another with growing pauses.
    rest = Date.now() + Math.max(SECOND / 4, Math.min(SHARE, asked.length - 1) * (Date.now() - began));
    if (again) soon();
    else plan();
  }
}

function take(text) {
  const have = rootOf(mark());
  const want = new DOMParser().parseFromString(text, "text/html").getElementById(have.id);
  if (!want) return renew();
  unfold(have);
  unfold(want);
  const seen = morph(have, want);
  for (const counted of seen.counted) flash(counted, "live-moved", 2 * SECOND);
  const posts = seen.fresh.filter((element) => element.dataset.post || element.dataset.key?.startsWith("post-"));
  for (const post of posts) flash(post, "live-new", 6 * SECOND);
  if (posts.length) speak(mark()?.dataset.newPost);
  window.htmx?.process(have);
  document.dispatchEvent(new CustomEvent("live:moved", { detail: seen }));
}

function flash(element, name, time) {
  element.classList.remove(name);
  void element.offsetWidth; // the animation begins anew
  element.classList.add(name);
  setTimeout(() => element.classList.remove(name), time);
}

// Only what is worth an interruption, and not too often.
function speak(text) {
  if (!text || Date.now() - said < SAID) return;
  said = Date.now();
  let voice = document.getElementById("live-voice");
  if (!voice) {
    voice = document.createElement("div");
    voice.id = "live-voice";
    voice.className = "visually-hidden";
    voice.setAttribute("aria-live", "polite");
    document.body.append(voice);
  }
  voice.textContent = "";
  setTimeout(() => (voice.textContent = text), 100);
}

// The sign-in has ended, or the right to look: the server says what is to be done. Never in a circle.
function renew() {
  hush();
  const last = Number(sessionStorage.getItem("live-renewed") ?? 0);
  if (Date.now() - last < SELDOM) return;
  sessionStorage.setItem("live-renewed", String(Date.now()));
  location.reload();
}

function connect() {
  clearTimeout(timers.connect);
  const place = mark();
  if (!place || document.hidden || socket) return;
  const address = location.origin.replace("http", "ws") + place.dataset.live;
  const mine = (socket = new WebSocket(address));
  heard = 0;
  mine.addEventListener("message", (event) => {
    if (mine !== socket) return;
    const first = !heard;
    heard = Date.now();
    tries = 0;
    after("deaf", DEAF, () => mine.close());
    const { what } = JSON.parse(event.data);
    // Before the first word nobody listened: something may have been missed.
    if (first || !what.includes("ping")) soon();
    tell();
  });
  mine.addEventListener("close", (event) => {
    if (mine !== socket) return;
    hush();
    if (ENDED.has(event.code)) return renew();
    const wait = event.code === TOO_MANY ? 5 * SELDOM : Math.min(SELDOM, SECOND * 2 ** tries);
    tries += 1;
    after("connect", shaken(wait), connect);
    plan();
  });
}

function hush() {
  clearTimeout(timers.deaf);
  clearTimeout(timers.connect);
  const last = socket;
  socket = null;
  heard = 0;
  last?.close();
}

// What the page shows may have become another channel, or the past.
let shown = "";
function look() {
  const now = mark()?.dataset.live ?? "";
  if (now !== shown) hush();
  shown = now;
  connect();
  plan();
}

function turn() {
  if (document.hidden) {
    clearTimeout(timers.ask);
    after("hidden", HIDDEN, hush);
    return tell();
  }
  clearTimeout(timers.hidden);
  touched = Date.now();
  connect();
  tell();
  soon();
}

function touch() {
  const idle = patience() > OFTEN && !isLive();
  touched = Date.now();
  if (idle) soon();
}

for (const name of ["pointerdown", "keydown", "scroll"]) document.addEventListener(name, touch, { passive: true });
document.addEventListener("visibilitychange", turn);
window.addEventListener("online", turn);
window.addEventListener("offline", tell);
window.addEventListener("pagehide", hush);
window.addEventListener("pageshow", (event) => event.persisted && look());
document.addEventListener("htmx:afterSettle", look);
look();
