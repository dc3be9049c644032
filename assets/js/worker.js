// Opens the counter during a cut of the network: its pages come from the network, and only when there
// is none from what counter.js has kept. Nothing that is sent goes through here.
const cache = "datmui-counter";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const page = request.mode === "navigate" && (url.pathname === "/desk/intake" || url.pathname.startsWith("/desk/intake/blank/"));
  if (!page && !url.pathname.startsWith("/assets/")) return;
  event.respondWith(fetch(request).catch(async (error) => {
    const kept = await (await caches.open(cache)).match(page ? url.pathname : request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }));
});
