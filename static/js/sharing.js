// The pages on which shared links are made: copying, and fields that only some choices need.

for (const button of document.querySelectorAll("[data-copies]")) {
  const text = button.querySelector("span");
  const before = text.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    text.textContent = button.dataset.done;
    setTimeout(() => (text.textContent = before), 2000);
  });
}

for (const part of document.querySelectorAll("[data-shown-with]")) {
  const field = part.closest("form").elements.namedItem(part.dataset.shownWith);
  const show = () => (part.hidden = field.value !== part.dataset.shownFor && !part.querySelector(".field__error"));
  field.addEventListener("change", show);
  show();
}
