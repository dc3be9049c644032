// What the counter keeps in this browser while the network is cut: the filings that wait to be sent
// and what is being typed. It goes when the officer signs out.
const name = "datmui-counter";

const opened = () => new Promise((done, fail) => {
  const open = indexedDB.open(name, 1);
  open.onupgradeneeded = () => {
    open.result.createObjectStore("queue", { keyPath: "n", autoIncrement: true });
    open.result.createObjectStore("draft", { keyPath: "key" });
  };
  open.onsuccess = () => done(open.result);
  open.onerror = () => fail(open.error);
});

async function run(store, mode, what) {
  const db = await opened();
  try {
    return await new Promise((done, fail) => {
      const act = db.transaction(store, mode);
      const request = what(act.objectStore(store));
      act.oncomplete = () => done(request.result);
      act.onabort = act.onerror = () => fail(act.error);
    });
  } finally {
    db.close();
  }
}

export const all = (store) => run(store, "readonly", (s) => s.getAll());
export const get = (store, key) => run(store, "readonly", (s) => s.get(key));
export const put = (store, value) => run(store, "readwrite", (s) => s.put(value));
export const drop = (store, key) => run(store, "readwrite", (s) => s.delete(key));

// forget clears all of it, and the pages that were kept for a cut.
export async function forget() {
  await new Promise((done) => {
    const gone = indexedDB.deleteDatabase(name);
    gone.onsuccess = gone.onerror = gone.onblocked = done;
  });
  if ("caches" in window) await caches.delete(name);
}

// A filing that went through the ordinary way is not kept any longer; the page after it says so.
const sent = "datmui-counter-sent";
export const willBeSent = (client) => sessionStorage.setItem(sent, client);

export async function wasSent() {
  const client = sessionStorage.getItem(sent);
  if (!client || !location.pathname.startsWith("/desk/dossiers/")) return;
  sessionStorage.removeItem(sent);
  for (const item of await all("queue")) if (item.client === client) await drop("queue", item.n);
  for (const item of await all("draft")) if (item.client === client) await drop("draft", item.key);
}
