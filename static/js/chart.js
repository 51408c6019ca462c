// Reading a chart by pointer or finger: the values come from the table beside it, which serves keyboard and voice.

function read(frame) {
  const table = document.getElementById(`${frame.dataset.chart}-table`);
  if (!table) return [];
  return [...table.tBodies[0].rows].map((row) => ({
    x: Number(row.dataset.x),
    y: row.dataset.y === undefined ? null : Number(row.dataset.y),
    label: row.cells[0].textContent.trim(),
    text: row.cells[1].textContent.trim(),
  }));
}

function part(frame, name) {
  const found = frame.querySelector(`.${name}`);
  if (found) return found;
  const made = document.createElement("div");
  made.className = name;
  made.setAttribute("aria-hidden", "true");
  frame.append(made);
  return made;
}

function show(frame, point) {
  const width = frame.clientWidth;
  const left = (point.x / 100) * width;
  const cursor = part(frame, "chart__cursor");
  const spot = part(frame, "chart__spot");
  const tip = part(frame, "chart__tip");
  cursor.style.left = `${left}px`;
  spot.hidden = point.y === null;
  spot.style.left = `${left}px`;
  spot.style.top = `${point.y ?? 0}px`;
  tip.replaceChildren(document.createElement("b"), point.label);
  tip.firstChild.textContent = point.text;
  const room = width - tip.offsetWidth;
  tip.style.left = `${Math.max(0, Math.min(room, left - tip.offsetWidth / 2))}px`;
}

function hide(frame) {
  for (const name of ["chart__cursor", "chart__spot", "chart__tip"]) frame.querySelector(`.${name}`)?.remove();
}

function nearest(points, share) {
  return points.reduce((best, point) => (Math.abs(point.x - share) < Math.abs(best.x - share) ? point : best));
}

const pointsOf = new WeakMap();

function points(frame) {
  if (!pointsOf.has(frame)) pointsOf.set(frame, read(frame));
  return pointsOf.get(frame);
}

function follow(event) {
  const frame = event.target.closest?.("[data-chart]");
  for (const other of document.querySelectorAll("[data-chart]")) if (other !== frame) hide(other);
  if (!frame || !points(frame).length) return;
  const box = frame.getBoundingClientRect();
  show(frame, nearest(points(frame), ((event.clientX - box.left) / box.width) * 100));
}

document.addEventListener("pointermove", follow);
document.addEventListener("pointerdown", follow);

document.addEventListener("pointerleave", () => {
  for (const frame of document.querySelectorAll("[data-chart]")) hide(frame);
});
