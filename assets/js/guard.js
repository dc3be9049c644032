// A form is sent once, a refused form shows where it is wrong, and long texts say what is left.
import { onPage, say, sentence } from "./say.js";

const patience = 10_000; // ms after which a form that led nowhere (a download) may be sent again

function lock(form) {
  form.dataset.sent = "1";
  // After the event: a disabled button would not send its name and value.
  setTimeout(() => buttons(form).forEach((b) => b.setAttribute("aria-disabled", "true")));
  setTimeout(() => unlock(form), patience);
}

function unlock(form) {
  delete form.dataset.sent;
  buttons(form).forEach((b) => b.removeAttribute("aria-disabled"));
}

function buttons(form) {
  return [...form.elements].filter((e) => e.type === "submit");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || form.method === "dialog") return;
  const uploading = form.querySelector("[data-uploading]");
  if (form.dataset.sent || uploading) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (uploading) hold(form, event.submitter);
    return;
  }
  lock(form);
}, true);

// hold keeps what was pressed while files are on their way; the form goes when they have arrived.
function hold(form, button) {
  if (form.dataset.held) return;
  form.dataset.held = "1";
  const note = Object.assign(document.createElement("p"), { className: "hint", textContent: sentence("uploading") });
  (button?.parentElement ?? form).append(note);
  say(note.textContent);
  form.addEventListener("uploaded", () => {
    delete form.dataset.held;
    note.remove();
    if (!form.querySelector("[data-files] .file--fault")) form.requestSubmit(button);
  }, { once: true });
}

// The back button brings the page as it was left: it must be usable again.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(unlock));
document.addEventListener("htmx:finally:request", () => document.querySelectorAll("form[data-sent]").forEach(unlock));

// The summary has autofocus; this is for browsers that keep it for fields, and for htmx.
function showErrors() {
  const errors = document.querySelector(".errors[tabindex]");
  if (errors && !errors.contains(document.activeElement)) errors.focus();
}
document.addEventListener("htmx:after:swap", showErrors);
addEventListener("load", showErrors);

// A link of the error summary leads into the field, not only to it.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".errors a");
  if (!link) return;
  const field = document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});

document.addEventListener("input", (event) => {
  const field = event.target;
  const max = Number(field.dataset?.max);
  const place = max && document.querySelector(`[data-left="${field.id}"]`);
  if (!place) return;
  const left = max - [...field.value].length;
  place.textContent = sentence(left < 0 ? "over" : "left", { n: Math.abs(left) });
});

// Filters are sent when they change; the button beside them does the same without a script.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && "sendOnChange" in form.dataset && event.target.type !== "search") form.requestSubmit();
});

// A toast is in the page when it comes; say it to those who cannot see it.
onPage("main .toast", (toast) => setTimeout(() => say(toast.textContent.trim()), 300));

// The account menu closes when the reader turns to something else.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.me[open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.me[open]");
  if (!menu) return;
  menu.removeAttribute("open");
  menu.querySelector("summary").focus();
});
