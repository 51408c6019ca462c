// What htmx could not do is told where it was asked for, in the words of the server where it has some.

const model = document.getElementById("told");

function tell(target, fill) {
  if (!model || !target?.isConnected) return;
  forget(target);
  const notice = model.content.firstElementChild.cloneNode(true);
  fill(notice.lastElementChild);
  target.before(notice);
  if (!target.closest("[hx-trigger^=every]")) notice.scrollIntoView({ block: "nearest" });
}

function forget(target) {
  const before = target?.previousElementSibling;
  if (before?.classList.contains("told-here")) before.remove();
}

const say = (name) => (box) => {
  const line = document.createElement("p");
  line.textContent = model.dataset[name];
  box.append(line);
};

document.addEventListener("htmx:responseError", ({ detail }) => {
  const { xhr, target } = detail;
  const isPart = (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html") && !/<html/i.test(xhr.responseText);
  if (isPart && xhr.responseText.trim() && xhr.status !== 404) {
    tell(target, (box) => box.insertAdjacentHTML("beforeend", xhr.responseText));
  } else {
    tell(target, say(xhr.status === 429 ? "busy" : "failed"));
  }
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => tell(detail.target, say("away")));
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap) forget(detail.target);
});
