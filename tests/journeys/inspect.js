// What is wrong with the page that is open: lists of sentences by what was looked for. Empty lists are left out.
(options) => {
  const found = {};
  const tell = (what, text) => (found[what] ??= []).push(text);
  const name = (e) => {
    const kind = typeof e.className === "string" ? e.className : e.className?.baseVal;
    const words = (e.getAttribute("aria-label") ?? e.textContent).trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${e.tagName.toLowerCase()}${kind ? ` class="${kind}"` : ""}> ${words}`;
  };
  const SPOKEN = ["aria-label", "aria-description", "title", "placeholder", "alt", "label", "data-hint", "data-word-live"];
  const seen = (e) => e.checkVisibility({ visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)];
  const FOCUS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const reachable = () =>
    all(FOCUS)
      .filter((e) => seen(e) && e.tabIndex >= 0 && !e.disabled && !e.closest("[inert]"))
      // Of radio buttons with one name only one is a stop.
      .filter((e) => e.type !== "radio" || e.checked || !e.form?.querySelector(`[name="${e.name}"]:checked`));

  const checks = {
    frame() {
      const heads = all("h1").filter(seen);
      if (heads.length !== 1) tell("h1", `${heads.length} headings of the first level`);
      const [title, ...rest] = document.title.split(" · ");
      if (!title.trim() || !rest.length) tell("title", document.title);
      if (document.documentElement.lang !== options.language) tell("lang", document.documentElement.lang);
      const skip = document.querySelector("body a[href]");
      const target = skip?.hash && document.querySelector(skip.hash);
      if (!target || target.tagName !== "MAIN") tell("skip link", skip ? name(skip) : "none");
      const ids = all("[id]").map((e) => e.id);
      for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) tell("id used twice", id);
      for (const e of all("a:not([href])")) tell("link to nowhere", name(e));
      for (const e of all("[onclick], [onchange], [style]:not([data-chart] *)")) {
        if (!options.scripted || e.matches("[onclick], [onchange]")) tell("inline", name(e));
      }
    },
    // A form without scripts: a button that sends it, a method the server knows, the token that a POST needs.
    forms() {
      for (const form of all("form")) {
        const button = [...form.elements].some((e) => e.matches("button:not([type=button]), input[type=submit]"));
        if (!button) tell("form", `no button sends ${form.action}`);
        // Links in mails and of shared pages carry their right in the address; what is sent there needs no cookie.
        const exempt = /^\/(s|reports)\//.test(new URL(form.action).pathname);
        if (form.method === "post" && !exempt && !form.querySelector("[name=csrfmiddlewaretoken]")) {
          tell("form", `no token: ${form.action}`);
        }
      }
    },
    width() {
      const wide = document.documentElement.scrollWidth - window.innerWidth;
      if (wide <= 0) return;
      tell("sideways scroll", `${wide} px`);
      for (const e of all("main *")) if (e.getBoundingClientRect().right > window.innerWidth + 1) tell("wide", name(e));
    },
    // What a finger has to hit: 44 px high, unless it stands in a sentence or a table; those axe holds to 24 px.
    targets() {
      const selector = "button, summary, input:not([type=hidden]), select, .nav a, .period a, .tabs a, a.button";
      for (const e of all(selector)) {
        if (!seen(e) || e.closest(".visually-hidden, .rich") || e.matches("[type=radio], [type=checkbox]")) continue;
        const { height } = e.getBoundingClientRect();
        if (height < 43.5) tell("small target", `${name(e)}: ${height} px`);
      }
    },
    // Focus can be seen: something about the element, or about what stands for it, changes.
    focus() {
      const look = ([e, part]) => {
        const style = getComputedStyle(e, part);
        const { outlineStyle, outlineWidth, boxShadow, backgroundColor, borderColor, textDecorationLine } = style;
        const outline = outlineStyle === "none" || outlineWidth === "0px" ? "" : `${outlineStyle} ${outlineWidth}`;
        return [outline, boxShadow, backgroundColor, borderColor, textDecorationLine].join("; ");
      };
      for (const e of reachable()) {
        const near = [e, e.parentElement, e.nextElementSibling, e.labels?.[0]].filter(Boolean);
        const parts = [...near.map((one) => [one, null]), [e, "::before"], [e, "::after"]];
        document.activeElement?.blur();
        const before = parts.map(look).join("|");
        e.focus({ focusVisible: true, preventScroll: true });
        if (document.activeElement !== e) tell("takes no focus", name(e));
        else if (parts.map(look).join("|") === before) tell("focus not seen", name(e));
      }
      document.activeElement?.blur();
      window.getSelection().removeAllRanges();
    },
    // Rows of a table are of one kind: a few of them speak for all.
    trim() {
      for (const e of all("tbody > tr:nth-child(n + 4), svg :nth-child(n + 20), option:nth-child(n + 4)")) e.remove();
    },
    // Before and after a walk by Tab: each stop has had the focus.
    walk() {
      const stops = reachable();
      // A date has three stops of its own and one for its calendar; parts that scroll are stops as well.
      const dates = stops.filter((e) => ["date", "time", "datetime-local"].includes(e.type)).length;
      window.crawl = { stops, presses: stops.length + 6 * dates + 8, visited: new Set() };
      document.addEventListener("focusin", (event) => window.crawl.visited.add(event.target));
    },
    walked() {
      for (const e of window.crawl.stops) if (!window.crawl.visited.has(e)) tell("not reached by Tab", name(e));
    },
    // Words that did not go through translation and are no data.
    words() {
      const known = new Set(options.known);
      const foreign = (text) => {
        let rest = text;
        for (let last = null; last !== rest; ) [last, rest] = [rest, rest.replace(/⟦[^⟦⟧]*⟧/g, " ")];
        rest = rest.replace(/\S+@\S+|[@#]\w+|https?:\S+|[A-Z]\w+\/[A-Z]\w+|\b[\w-]+(\.[\w-]+)+\S*/g, " ");
        return (rest.match(/[A-Za-z][A-Za-zʻʼ'‘’-]+/g) ?? []).filter((word) => !known.has(word.toLowerCase()));
      };
      const data = "code, pre, kbd, samp, script, style, template, noscript, [translate=no], select[name$=zone], select[name$=language]";
      const skipped = (e) => e.closest(data) || e.closest("[lang]") !== document.documentElement;
      const judge = (text, where) => {
        const words = foreign(text);
        if (words.length) tell("not translated", `${words.join(" ")} in ${where}`);
      };
      const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (node.textContent.trim() && !skipped(parent)) judge(node.textContent, name(parent));
      }
      for (const attribute of SPOKEN) {
        for (const e of all(`[${attribute}]`)) {
          if (!skipped(e)) judge(e.getAttribute(attribute), `${attribute} of ${name(e)}`);
        }
      }
      for (const e of all("meta[name=description], meta[property$=title], meta[property$=description]")) judge(e.content, "meta");
    },
    // What JavaScript shows must stand in the page as it came.
    came() {
      const came = new DOMParser().parseFromString(options.source, "text/html");
      const words = (root, selector) => [...root.querySelectorAll(selector)].map((e) => e.textContent.trim()).join("\n");
      for (const selector of ["h1, h2, h3", ".figure__value", "tbody", "svg text", "form[method=post] button"]) {
        const inPage = `main :is(${selector})`;
        if (words(came, inPage) !== words(document, inPage)) tell("only by JavaScript", selector);
      }
      for (const e of came.querySelectorAll("button[type=button]:not([hidden], [hidden] *)")) tell("button that only JavaScript moves", name(e));
    },
  };
  for (const wanted of options.checks) checks[wanted]();
  return found;
}
