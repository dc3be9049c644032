// <form data-autosave="/draft/…"> is saved while it is filled in: a POST of its fields, any 2xx
// is success. What happened is said aloud in [data-saved].
import { clock, onPage, sentence } from "./say.js";

const rest = 1500; // ms without typing before a saving
const again = 10_000; // ms before a saving that failed is tried again

function fields(form) {
  const out = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") out.append(name, value);
  }
  return out;
}

function watch(form) {
  const place = form.querySelector("[data-saved]");
  let timer, running, dirty = false;

  const tell = (key) => {
    if (place) place.textContent = sentence(key, { time: clock() });
  };

  async function save() {
    if (running || !dirty) return;
    running = true;
    dirty = false;
    tell("saving");
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: fields(form),
        headers: { Accept: "application/json" },
        redirect: "error", // a redirect is the sign-in page: nothing was saved
      });
      if (!answer.ok) throw new Error(answer.status);
      tell("saved");
      document.dispatchEvent(new Event("seen"));
    } catch {
      dirty = true;
      tell("unsaved");
      plan(again);
    }
    running = false;
    if (dirty) plan(rest);
  }

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  form.addEventListener("input", () => {
    dirty = true;
    plan(rest);
  });
  form.addEventListener("submit", () => {
    dirty = false;
    clearTimeout(timer);
  });
  addEventListener("online", save);
  addEventListener("pagehide", () => {
    if (dirty) navigator.sendBeacon(form.dataset.autosave, fields(form));
  });
}

onPage("form[data-autosave]", watch);
