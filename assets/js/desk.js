// Keys for those who work here all day. Nothing here is the only way to do something.
import { say, sentence } from "./say.js";
import "./leave.js";

const typing = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

const rows = () => [...document.querySelectorAll("[data-list] > li:not(.signrow--h), main .table tbody > tr")].filter((r) => r.offsetParent);

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((r) => r.classList.contains("is-at") || r.classList.contains("is-open"));
  const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
  all.forEach((r) => {
    r.classList.remove("is-at", "is-open");
    r.removeAttribute("aria-current");
  });
  next.classList.add(next.matches("tr") ? "is-open" : "is-at");
  next.setAttribute("aria-current", "true");
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function pick() {
  document.querySelector(".is-at .check:not(:disabled), .is-open .check:not(:disabled)")?.click();
}

// press acts on the element that bears the key: a field is entered, anything else is clicked.
function press(key) {
  const element = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((e) => e.offsetParent);
  if (!element) return false;
  if (element.matches(typing)) {
    element.focus();
    element.select?.();
  } else {
    if (element.matches("summary")) element.focus();
    element.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const box = document.getElementById("cmd");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest(typing)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  let done = true;
  switch (event.key) {
    case "j": done = press("j") || move(1); break;
    case "k": done = press("k") || move(-1); break;
    case "x": pick(); break;
    case "Enter": {
      const link = event.target === document.body && document.querySelector(".is-at a, .is-open a");
      if (link) link.click();
      done = Boolean(link);
      break;
    }
    default: done = event.key.length === 1 && press(event.key);
  }
  if (done) event.preventDefault();
});

// A link to the form of an act opens it and enters its first field.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#act-"]');
  const form = link && document.querySelector(link.getAttribute("href"));
  if (!form) return;
  event.preventDefault();
  form.querySelectorAll(":scope > details").forEach((d) => (d.open = true));
  form.scrollIntoView({ block: "nearest" });
  (form.querySelector("input:not([type=hidden]), textarea, select") ?? form.querySelector("button"))?.focus();
});

// The command box shows what it finds while one types: the list of its own page.
const box = document.getElementById("cmd");
if (box) {
  const list = document.createElement("div");
  let timer, asked = 0;
  list.className = "bar__found";
  list.hidden = true;
  box.form.append(list);
  const close = () => (list.hidden = true);
  const ask = async () => {
    const words = box.value.trim(), mine = ++asked;
    if (words.length < 2) return close();
    const answer = await fetch(`${box.form.action}?list=1&q=${encodeURIComponent(words)}`).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-found]");
    list.replaceChildren(...(found ? found.children : []));
    list.hidden = !list.childElementCount || document.activeElement !== box;
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 180);
  });
  box.form.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && links.length) links[Math.min(at + 1, links.length - 1)].focus();
    else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] ?? box).focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => box.form.contains(event.target) || close());
}

// What is picked is counted aloud; a group's box picks its rows.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches(".check")) return;
  if ("pickGroup" in box.dataset) {
    for (let row = box.closest("li").nextElementSibling; row && !row.matches(".signrow--h"); row = row.nextElementSibling) {
      const check = row.querySelector("input.check:not(:disabled)");
      if (check) check.checked = box.checked;
    }
  }
  const text = sentence("picked", { n: document.querySelectorAll('.check[name="pick"]:checked').length });
  document.querySelectorAll("[data-picked]").forEach((place) => (place.textContent = text));
  say(text);
});

// The row that is open in a split view is in sight when the page comes.
document.querySelector(".is-at")?.scrollIntoView({ block: "nearest" });

// htmx put an answer into the page. A refused form is no place to come back to; a new page begins
// at its top, with the reader's focus in it.
document.addEventListener("htmx:before:history:update", (event) => {
  if (event.detail.response?.status >= 400) event.preventDefault();
});
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target !== document.body || document.querySelector(".errors")) return;
  scrollTo(0, 0);
  (document.querySelector("main [autofocus]") ?? document.getElementById("main"))?.focus({ preventScroll: true });
});

// A page that is there to be printed opens the dialogue by itself, once its pictures have come.
const paper = document.querySelector("[data-print]");
if (paper) {
  const now = document.querySelector("[data-print-now]");
  now.hidden = false;
  now.addEventListener("click", () => print());
  if (document.readyState === "complete") print();
  else addEventListener("load", () => print());
}

// What a page of the counter has put on the second screen, that screen fetches now.
if (document.querySelector("[data-screen-tell]")) new BroadcastChannel("datmui-screen").postMessage("changed");
