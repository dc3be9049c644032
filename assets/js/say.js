// say speaks to those who hear the page, and tells the finished sentence of a key.
// The sentences come with the page, in its language: <body data-say-saved="Đã lưu lúc {time}">.

export function sentence(key, values = {}, from = document.body) {
  const name = "say" + key[0].toUpperCase() + key.slice(1);
  return (from.dataset[name] ?? "").replace(/\{(\w+)\}/g, (_, v) => values[v] ?? "");
}

export function say(text) {
  const place = document.getElementById("say");
  if (place) place.textContent = text;
}

export function clock(now = new Date()) {
  const minutes = String(now.getMinutes()).padStart(2, "0");
  return document.documentElement.lang === "vi"
    ? `${now.getHours()} giờ ${minutes}`
    : `${now.getHours()}:${minutes}`;
}

// onPage sets up every element that fits, now and after htmx has put new ones in; each once.
export function onPage(selector, setUp) {
  const done = new WeakSet();
  const look = () => document.querySelectorAll(selector).forEach((element) => {
    if (done.has(element)) return;
    done.add(element);
    setUp(element);
  });
  look();
  document.addEventListener("htmx:after:swap", look);
}
