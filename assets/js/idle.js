// <dialog data-idle="1800" data-stay="/session"> opens before a session ends for want of use and asks
// whether one is still there. Closing it, by its button or with Escape, keeps the session: a POST.
import { onPage } from "./say.js";

const early = 120; // seconds before the end

function watch(dialog) {
  const idle = Number(dialog.dataset.idle);
  const text = dialog.querySelector("p");
  const asks = text.textContent;
  let timer;

  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!dialog.open) dialog.showModal();
    }, Math.max(idle - early, idle / 2) * 1000);
  };

  dialog.addEventListener("close", async () => {
    try {
      const answer = await fetch(dialog.dataset.stay, { method: "POST", redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      text.textContent = asks;
      plan();
    } catch { // too late, or no network: nothing that was typed is lost by signing in again
      if (text.textContent !== dialog.dataset.over) {
        text.textContent = dialog.dataset.over;
        dialog.showModal();
      }
    }
  });
  document.addEventListener("seen", plan); // by other requests of the page
  document.addEventListener("htmx:after:swap", plan);
  plan();
}

onPage("dialog[data-idle]", watch);
