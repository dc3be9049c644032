// A file goes to the server in pieces and goes on where it stopped. The protocol is the core of
// tus 1.0 with its checksum:
//   POST   <url>      Upload-Length, Upload-Name (percent-encoded), Upload-Type → 201, Location, Upload-Id
//   HEAD   <location> → Upload-Offset
//   PATCH  <location> Upload-Offset, Upload-Checksum: sha256 <base64> → 204, Upload-Offset
//   DELETE <location> → 204
const piece = 256 * 1024; // bytes; small enough to lose little on a weak line
const tries = 6; // in a row without progress, before the person is asked
const tus = { "Tus-Resumable": "1.0.0" };

async function checksum(blob) {
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return "sha256 " + btoa(String.fromCharCode(...new Uint8Array(hash)));
}

const pause = (ms) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
});

export class Refused extends Error {}

export const busy = new Set(); // marks of what is being sent: the same file chosen twice is two uploads

// create asks for a place, or finds the one this file already has from before.
async function create(url, file, row) {
  let mark = `upload ${url} ${file.name} ${file.size} ${file.lastModified}`;
  while (busy.has(mark) && row.mark !== mark) mark += " again";
  busy.add(row.mark = mark);
  const known = JSON.parse(sessionStorage.getItem(mark) ?? "null");
  if (known) {
    const answer = await fetch(known.at, { method: "HEAD", headers: tus });
    if (answer.ok) return { ...known, mark, offset: Number(answer.headers.get("Upload-Offset")) };
    sessionStorage.removeItem(mark);
  }
  const answer = await fetch(url, {
    method: "POST",
    headers: { ...tus, "Upload-Length": file.size, "Upload-Name": encodeURIComponent(file.name), "Upload-Type": file.type },
  });
  if (answer.status >= 400 && answer.status < 500) throw new Refused();
  if (!answer.ok) throw new Error(answer.status);
  const place = { at: answer.headers.get("Location"), id: answer.headers.get("Upload-Id") };
  sessionStorage.setItem(mark, JSON.stringify(place));
  return { ...place, mark, offset: 0 };
}

export async function send(url, file, row) {
  let place, left = tries;
  while (!row.gone) {
    try {
      place ??= await create(url, file, row);
      if (place.offset >= file.size) break;
      const blob = file.slice(place.offset, place.offset + piece);
      const answer = await fetch(place.at, {
        method: "PATCH",
        body: blob,
        headers: { ...tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": place.offset, "Upload-Checksum": await checksum(blob) },
      });
      if (answer.status === 409) { place = null; continue; } // we disagree about the offset: ask
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 460) throw new Refused();
      if (!answer.ok) throw new Error(answer.status);
      place.offset = Number(answer.headers.get("Upload-Offset"));
      left = tries;
      row.progress(place.offset / file.size);
    } catch (error) {
      if (error instanceof Refused || --left === 0) throw error;
      await pause(1000 * 2 ** (tries - left));
    }
  }
  if (row.gone && place) await fetch(place.at, { method: "DELETE", headers: tus });
  if (place) sessionStorage.removeItem(place.mark);
  return place;
}
