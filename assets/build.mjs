// Builds the assets: one style sheet and a few scripts, small, with a content hash in their names
// and compressed beforehand. Run by "npm run build"; the result goes into dist, which Go embeds.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const entries = ["css/app.css", "css/gallery.css", "js/app.js", "js/desk.js", "js/counter.js", "js/screen.js", "js/worker.js", "js/passkey.js"];

const bundle = await build({
  entryPoints: entries.map((e) => join(here, e)),
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16.4"],
  legalComments: "none",
  outdir: dist,
  write: false,
  logLevel: "warning",
});
const files = new Map(bundle.outputFiles.map((f) => [parse(f.path).base, Buffer.from(f.contents)]));

for (const name of ["icons.svg", "icon.svg"]) {
  const svg = await readFile(join(here, name), "utf8");
  files.set(name, Buffer.from(svg.replace(/<!--.*?-->/gs, "").replace(/>\s+</g, "><")));
}
const htmx = createRequire(import.meta.url).resolve("htmx.org/dist/htmx.min.js");
files.set("htmx.js", Buffer.from((await readFile(htmx, "utf8")).replace(/\/\/# sourceMappingURL=.*\s*$/, "")));

await mkdir(dist, { recursive: true });
for (const old of await readdir(dist)) {
  if (old !== ".keep") await rm(join(dist, old), { recursive: true });
}
const manifest = {};
for (const [name, bytes] of [...files].sort()) {
  const { name: stem, ext } = parse(name);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const file = (manifest[name] = `${stem}-${hash}${ext}`);
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  const gz = gzipSync(bytes, { level: 9 });
  await writeFile(join(dist, file), bytes);
  await writeFile(join(dist, file + ".br"), br);
  await writeFile(join(dist, file + ".gz"), gz);
  console.log(`${file.padEnd(32)} ${String(bytes.length).padStart(7)} ${String(gz.length).padStart(6)} gz ${String(br.length).padStart(6)} br`);
}
await writeFile(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
