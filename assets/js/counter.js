// The counter goes on through a cut of the network: what is typed and scanned is kept in this browser,
// the next citizens are taken in too, and when the network is back all is sent in order, each once. The
// number made with a form makes that safe: a filing that has arrived is not filed again.
import * as kept from "./kept.js";
import { say } from "./say.js";
import { Refused, busy, send } from "./tus.js";

const box = document.querySelector("[data-counter]");
const words = JSON.parse(box?.dataset.words ?? "{}");
const officer = box?.dataset.officer;
const form = document.querySelector("form[data-counter-form]");
const banner = box?.querySelector("[data-counter-state]");
const list = box?.querySelector("[data-counter-list]");
const cache = "datmui-counter";
const worker = "/desk/intake/worker.js"; // small, and always there: also asked to see whether the network is
const every = 10_000; // ms between two looks whether the network is back
const keeps = 3600_000; // ms after which a kept page is fetched anew

const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const slipOf = (client) => client.replaceAll("-", "").slice(0, 8).toUpperCase().replace(/(.{4})/, "$1-");
const timeOf = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

function make(tag, props, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

// reachable asks the server itself: a browser does not notice a cut behind the next box.
async function reachable() {
  if (!navigator.onLine) return false;
  try {
    const answer = await fetch(worker, { cache: "no-store", signal: AbortSignal.timeout(4000) });
    return answer.status < 500; // the session may have ended: that is no cut
  } catch {
    return false;
  }
}

let cut = null; // not known yet

// look says in plain words when the network goes and when it comes back.
async function look() {
  const up = await reachable();
  if (cut === !up) return up;
  const was = cut;
  cut = !up;
  if (cut) tell(words.cut, "soon");
  else if (was) tell(words.back, "done");
  return up;
}

function tell(text, tone) {
  banner.className = "notice notice--" + tone;
  banner.textContent = text;
  banner.hidden = false;
  say(text);
}

const mine = async () => (await kept.all("queue")).filter((item) => item.officer === officer);

// fieldsOf is what the form would send, its files apart.
function fieldsOf(form, submitter) {
  const fields = [], files = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.push([name, value]);
    else if (value.size) files.push({ name, file: value });
  }
  if (submitter?.name) fields.push([submitter.name, submitter.value]);
  return { fields, files };
}

const value = (fields, name) => fields.find(([n]) => n === name)?.[1] ?? "";

// keep puts the filing into the queue and gives the slip the citizen goes home with.
async function keep() {
  const { fields, files } = fieldsOf(form);
  const client = value(fields, "client"), at = Date.now();
  const who = form.dataset.counterName || value(fields, "who_number").trim();
  const item = {
    officer, client, at, who, files, state: "waiting",
    procedure: value(fields, "procedure"), title: form.dataset.counterTitle,
    found: value(fields, "applicant") !== "",
    fields: [...fields.filter(([name]) => name !== "slip"), ["slip", slipOf(client)]],
  };
  await kept.put("queue", item);
  await kept.drop("draft", draftKey());
  await show();
  slip(item);
}

function slip(item) {
  document.querySelector("[data-slip]")?.remove();
  const next = make("button", { type: "button", className: "btn", textContent: words.next });
  const print = make("button", { type: "button", className: "btn btn--quiet", textContent: words.print });
  print.addEventListener("click", () => window.print());
  next.addEventListener("click", fresh);
  const row = (name, text) => [make("dt", { textContent: name }), make("dd", { textContent: text })];
  const section = make("section", { className: "card slip", tabIndex: -1 },
    make("div", { className: "card__body" },
      make("h2", { textContent: words.slip }), make("p", { textContent: words.slipText }),
      make("dl", { className: "facts" }, ...row(words.slipNumber, slipOf(item.client)), ...row(words.slipWho, item.who),
        ...row(words.slipProcedure, item.title), ...row(words.slipAt, new Date(item.at).toLocaleString(document.documentElement.lang)), ...row(words.slipFiles, String(item.files.length)))),
    make("div", { className: "card__body acts" }, print, next));
  section.dataset.slip = item.client;
  form.hidden = true;
  form.before(section);
  section.focus();
  say(words.kept);
}

// fresh empties the form for the next citizen: nothing of the one before stays in it.
function fresh() {
  document.querySelector("[data-slip]")?.remove();
  form.hidden = false;
  form.dataset.counterName = "";
  form.querySelectorAll("[data-counter-who]").forEach((node) => (node.hidden = false));
  document.querySelectorAll("[data-counter-name-of]").forEach((node) => (node.textContent = ""));
  for (const field of form.elements) {
    if (field.name === "client") field.value = crypto.randomUUID();
    else if (field.name === "applicant") field.value = "";
    else if (field.type === "hidden") continue;
    else if (field.type === "checkbox" && field.name.endsWith(".id")) field.closest("label")?.remove();
    else if (field.type === "checkbox" || field.type === "radio") field.checked = field.name === "channel" && field.defaultChecked;
    else if (field.tagName === "SELECT") field.selectedIndex = 0;
    else field.value = "";
  }
  form.elements.who_number.focus();
}

class Later extends Error {}

// deliver sends one filing: the scans, then the form. What has been sent is kept, so that a second try
// says exactly the same.
async function deliver(item) {
  for (const scan of item.files) {
    if (scan.id) continue;
    const row = { progress() {}, gone: false };
    try {
      scan.id = (await send("/uploads", scan.file, row)).id;
    } finally {
      busy.delete(row.mark);
    }
    await kept.put("queue", item);
  }
  const data = new FormData();
  for (const [name, text] of item.fields) data.append(name, text);
  for (const scan of item.files) data.append(scan.name + ".id", scan.id);
  const answer = await fetch("/desk/intake", { method: "POST", body: data });
  const at = new URL(answer.url);
  if (answer.status >= 500) throw new Later();
  if (at.pathname.startsWith("/sign-in")) throw new Later(words.signIn);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.ok && at.pathname.startsWith("/desk/dossiers/")) {
    return { path: at.pathname, code: page.querySelector("main .code")?.textContent.trim() ?? "" };
  }
  const wrong = [...page.querySelectorAll(".errors li")].map((line) => line.textContent.trim());
  throw new Refused(wrong.join(" · ") || page.querySelector("h1")?.textContent.trim() || String(answer.status));
}

// flush sends what waits, in order, by one page at a time. A filing that is refused lets the next go on.
const flush = () => navigator.locks.request(cache, { ifAvailable: true }, async (lock) => {
  if (!lock) return;
  for (const item of await mine()) {
    if (item.state !== "waiting") continue;
    try {
      Object.assign(item, await deliver(item), { state: "done", fields: [], files: [] });
    } catch (error) {
      if (!(error instanceof Refused)) {
        if (error instanceof Later && error.message) tell(error.message, "soon");
        break;
      }
      Object.assign(item, { state: "failed", why: error.message || words.refused });
    }
    await kept.put("queue", item);
    await show();
  }
});

// open sends a refused filing as an ordinary form: the page that comes back says what is wrong with it.
function open(item) {
  const sent = make("form", { method: "post", action: "/desk/intake", enctype: "multipart/form-data", hidden: true });
  const add = (name, text) => sent.append(make("input", { type: "hidden", name, value: text }));
  for (const [name, text] of item.fields) add(name, text);
  for (const scan of item.files) if (scan.id) add(scan.name + ".id", scan.id);
  document.body.append(sent);
  kept.willBeSent(item.client);
  sent.submit();
}

function line(item) {
  const node = make("li", {}, make("strong", { textContent: `${slipOf(item.client)} · ${timeOf(item.at)} · ${item.who}` }),
    make("div", { textContent: `${item.title}. ${fill(words[item.state], item)}` }));
  const button = (text, act) => {
    const b = make("button", { type: "button", className: "btn btn--quiet btn--s", textContent: text });
    b.addEventListener("click", act);
    return b;
  };
  const acts = make("div", { className: "acts" });
  if (item.state === "done") acts.append(make("a", { href: item.path, textContent: words.open }));
  if (item.state === "failed") {
    acts.append(button(words.mend, () => open(item)));
    if (!item.found) acts.append(make("a", { href: "/desk/intake/person?procedure=" + encodeURIComponent(item.procedure), textContent: words.enter }));
    acts.append(button(words.again, async () => {
      await kept.put("queue", { ...item, state: "waiting", why: "" });
      await show();
      tick();
    }));
  }
  if (item.state !== "waiting") {
    acts.append(button(words.drop, async () => {
      if (item.state === "failed" && !confirm(words.sure)) return;
      await kept.drop("queue", item.n);
      await show();
    }));
  }
  if (acts.childElementCount) node.append(acts);
  return node;
}

async function show() {
  const items = await mine();
  list.replaceChildren(...items.map(line));
  box.querySelector("[data-counter-queue]").hidden = !items.length;
}

const draftKey = () => [officer, value(fieldsOf(form).fields, "procedure"), value(fieldsOf(form).fields, "applicant")].join(" ");

// What is being typed outlives the page. A form that came back from the server has it all already.
async function restore() {
  if (document.querySelector(".errors")) return;
  const draft = await kept.get("draft", draftKey());
  if (!draft) return;
  const texts = new Map();
  for (const [name, text] of draft.fields) texts.set(name, [...(texts.get(name) ?? []), text]);
  for (const field of form.elements) {
    if (!field.name || field.type === "file" || field.type === "submit") continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = texts.get(field.name)?.includes(field.value) ?? false;
    else if (texts.has(field.name)) field.value = texts.get(field.name).shift() ?? "";
  }
  for (const input of form.querySelectorAll("input[type=file]")) {
    const scans = new DataTransfer();
    draft.files.filter((scan) => scan.name === input.name).forEach((scan) => scans.items.add(scan.file));
    input.files = scans.files;
  }
  const forget = make("button", { type: "button", className: "btn btn--quiet btn--s", textContent: words.forget });
  forget.addEventListener("click", async () => {
    await kept.drop("draft", draft.key);
    location.reload();
  });
  form.before(make("p", { className: "notice notice--calm" }, fill(words.restored, { at: timeOf(draft.at) }) + " ", forget));
}

let waiting;
const remember = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (!form.hidden) kept.put("draft", { key: draftKey(), at: Date.now(), client: form.elements.client.value, ...fieldsOf(form) });
  }, 500);
};

// The second screen shows the citizen what is typed for her, where one is open. Files go with the form
// alone: of them it learns that they are there.
const screen = new BroadcastChannel("datmui-screen");
let later, told = "";
const mirror = () => {
  clearTimeout(later);
  later = setTimeout(async () => {
    if (!form.dataset.counterScreen || cut || form.hidden) return;
    const { fields, files } = fieldsOf(form);
    const typed = new URLSearchParams([...fields, ...files.map(({ name }) => [name.replace(/^scan\./, "given."), "1"])]).toString();
    if (typed === told) return;
    const answer = await fetch(form.dataset.counterScreen, { method: "POST", body: new URLSearchParams(typed) }).catch(() => null);
    if (!answer?.ok) return;
    told = typed;
    screen.postMessage("changed");
  }, 1500);
};

const unlock = () => {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
};

// submit goes the ordinary way while the network is there.
async function submit(event) {
  event.preventDefault();
  const by = event.submitter;
  const typed = !form.elements.applicant.value; // during a cut: whom the number means is found later
  const up = await look();
  if (up && !typed) {
    kept.willBeSent(form.elements.client.value);
    if (by?.name) form.append(make("input", { type: "hidden", name: by.name, value: by.value }));
    form.submit();
    return;
  }
  unlock();
  if (by?.name) return say(words.cut); // adding a row asks the server
  if (typed && !form.elements.who_number.value.trim()) return form.elements.who_number.focus();
  clearTimeout(waiting);
  await keep();
  if (up) await flush();
}

// The start page and the empty form of what is used here are kept for a cut, so that the counter can
// be opened while it lasts.
async function prepare() {
  if (!navigator.serviceWorker || !window.caches) return;
  await navigator.serviceWorker.register(worker, { scope: "/desk/intake", type: "classic" });
  const store = await caches.open(cache);
  const pages = ["/desk/intake"];
  if (form) pages.push("/desk/intake/blank/" + form.elements.procedure.value);
  const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], use")].map((e) => (e.href?.baseVal ?? e.href ?? e.src ?? "").split("#")[0]).filter(Boolean);
  for (const url of new Set([...pages, ...parts])) {
    const have = await store.match(url, { ignoreVary: true });
    if (have && (!pages.includes(url) || Date.now() - Date.parse(have.headers.get("Date")) < keeps)) continue; // a part's name changes with it
    const answer = await fetch(url);
    if (answer.ok && !answer.redirected) await store.put(url, answer);
  }
}

// blanks are the forms that can be opened during a cut.
async function blanks() {
  const place = box.querySelector("[data-counter-blanks]");
  if (!place || !window.caches) return;
  const urls = (await (await caches.open(cache)).keys()).map((r) => new URL(r.url)).filter((u) => u.pathname.startsWith("/desk/intake/blank/"));
  const names = new Map([...document.querySelectorAll("select[name=procedure] option")].map((o) => [o.value, o.textContent]));
  place.querySelector("ul").replaceChildren(...urls.map((u) => make("li", {}, make("a", { href: u.pathname, textContent: names.get(u.pathname.split("/").pop()) ?? u.pathname }))));
  place.hidden = !cut || !urls.length;
}

async function tick() {
  const up = await look();
  if (up) await flush();
  await blanks();
}

async function start() {
  await show();
  if (form) {
    form.addEventListener("submit", submit);
    form.addEventListener("input", remember);
    form.addEventListener("change", remember);
    form.addEventListener("input", mirror);
    form.addEventListener("change", mirror);
    screen.addEventListener("message", (event) => {
      if (event.data !== "opened") return;
      form.dataset.counterScreen ||= "/desk/counter/screen/typed";
      mirror();
    });
    await restore();
  }
  addEventListener("online", tick);
  addEventListener("offline", tick);
  setInterval(tick, every);
  await tick();
  if (!cut) await prepare().catch(() => {}); // a browser that keeps no pages still keeps the queue
  box.dataset.ready = ""; // from now on a cut is survived
}

if (box) start();
