// Files are sent in pieces while the person goes on filling in the form, and go on where they
// stopped. When a file is complete its Upload-Id is put into a hidden field, and the form sends only that.
import { onPage, say, sentence } from "./say.js";
import { Refused, busy, send } from "./tus.js";

// shrink makes a photo no larger than needed to read it. What cannot be drawn is sent as it is.
async function shrink(file, edge) {
  if (!edge || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = edge / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
}

function size(bytes) {
  const [n, unit] = bytes >= 1 << 20 ? [bytes / (1 << 20), "MB"] : [Math.max(1, bytes / 1024), "KB"];
  return n.toLocaleString(document.documentElement.lang, { maximumFractionDigits: unit === "MB" ? 1 : 0 }) + " " + unit;
}

// fits says whether the input takes a file of this type. The server decides; this spares a wait.
function fits(file, accept) {
  if (!accept) return true;
  return accept.split(",").map((a) => a.trim().toLowerCase()).some((a) =>
    a.startsWith(".") ? file.name.toLowerCase().endsWith(a) : a.endsWith("/*") ? file.type.startsWith(a.slice(0, -1)) : file.type === a);
}

function show(box, file) {
  const node = document.createElement("div");
  node.className = "file";
  node.innerHTML = '<span class="thumb"></span><div><strong></strong><p></p></div><button type="button" class="btn btn--bare btn--s"></button><progress max="100" value="0"></progress>';
  const [name, text, button, gauge] = ["strong", "p", "button", "progress"].map((s) => node.querySelector(s));
  name.textContent = file.name;
  gauge.setAttribute("aria-label", file.name);
  button.textContent = sentence("remove", {}, box);
  if (file.type.startsWith("image/")) {
    const img = new Image();
    img.className = "thumb";
    img.alt = "";
    img.src = URL.createObjectURL(file);
    node.querySelector(".thumb").replaceWith(img);
  }
  box.querySelector("[data-files]").append(node);
  return {
    node, button, gone: false,
    called(file) { name.textContent = file.name; },
    progress(share) {
      gauge.value = Math.round(share * 100);
      text.textContent = sentence("sending", { n: gauge.value }, box);
    },
    done(file) {
      gauge.remove();
      node.classList.remove("file--fault");
      text.textContent = sentence("done", { n: size(file.size) }, box);
      say(name.textContent + ": " + text.textContent);
    },
    fault(key) {
      node.classList.add("file--fault");
      text.textContent = sentence(key, {}, box);
      say(name.textContent + ": " + text.textContent);
    },
  };
}

async function take(box, original, accept) {
  const row = show(box, original);
  row.node.dataset.uploading = ""; // a large picture takes a moment to shrink: the form waits from now on
  const over = () => {
    delete row.node.dataset.uploading;
    const form = box.closest("form");
    if (!form.querySelector("[data-uploading]")) form.dispatchEvent(new Event("uploaded"));
  };
  let hidden;
  row.button.addEventListener("click", () => {
    row.gone = true;
    row.node.remove();
    hidden?.remove();
  });
  const file = await shrink(original, Number(box.dataset.edge));
  if (row.gone) return over();
  row.called(file);
  const wrong = !fits(file, accept) ? "type" : file.size > Number(box.dataset.most) ? "large" : "";
  if (wrong) {
    row.fault(wrong);
    return over();
  }
  const go = async () => {
    row.node.dataset.uploading = "";
    row.node.classList.remove("file--fault");
    row.progress(0);
    try {
      const place = await send(box.dataset.upload, file, row);
      if (row.gone) return;
      hidden = Object.assign(document.createElement("input"), { type: "hidden", name: box.dataset.id, value: place.id });
      box.append(hidden);
      row.done(file);
    } catch (error) {
      if (error instanceof Refused) return row.fault("refused");
      row.fault("broken");
      const retry = document.createElement("button");
      Object.assign(retry, { type: "button", className: "btn btn--quiet btn--s", textContent: sentence("again", {}, box) });
      retry.addEventListener("click", () => { retry.remove(); go(); });
      row.node.append(retry);
    } finally {
      busy.delete(row.mark);
      over();
    }
  };
  await go();
}

function watch(box) {
  const input = box.querySelector("input[type=file]");
  const accept = input.accept;
  input.removeAttribute("name"); // the form sends the id of what was uploaded instead
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (!input.multiple) box.querySelectorAll("[data-files] button.btn--bare").forEach((b) => b.click());
    files.forEach((file) => take(box, file, accept));
  });
}

onPage("[data-upload]", watch);
