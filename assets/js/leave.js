// Signing out clears what the counter kept in this browser; what has not been sent yet is said first.
import { all, forget, wasSent } from "./kept.js";
import { sentence } from "./say.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches('form[action="/sign-out"]')) return;
  event.preventDefault();
  const waiting = (await all("queue")).filter((item) => item.state !== "done").length;
  if (waiting && !confirm(sentence("unsent", { n: waiting }))) {
    delete form.dataset.sent;
    return;
  }
  await forget();
  form.submit();
});

wasSent();
