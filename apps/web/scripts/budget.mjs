// What a browser fetches of the app's code before it shows a page, compressed; and whether that is too much. After a build.
import { readdirSync, readFileSync, statSync } from "node:fs";

const LARGEST_KIB = 180;
const dist = new URL("../dist/", import.meta.url);

/** The code of a chunk, and the chunks that it cannot run without. What it imports only when it is wanted is not among them. */
function read(name) {
  const code = readFileSync(new URL(name, dist), "utf8");
  const imports = code.matchAll(
    /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^"';]*?\bfrom\s*)?["']\.\/([^"']+\.js)["']/g,
  );
  // As the server sends it to every browser of today.
  const packed = statSync(new URL(`${name}.br`, dist), { throwIfNoEntry: false });
  return { bytes: packed?.size ?? code.length, imports: Array.from(imports, ([, file]) => `assets/${file}`) };
}

/** These chunks and all that they cannot run without. */
function closure(names) {
  const found = new Map();
  const add = (name) => {
    if (found.has(name)) return;
    const chunk = read(name);
    found.set(name, chunk);
    chunk.imports.forEach(add);
  };
  names.forEach(add);
  return found;
}

const html = readFileSync(new URL("index.html", dist), "utf8");
const first = Array.from(html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g), ([, file]) => file);
const pages = readdirSync(new URL("assets", dist)).filter((file) => /^\w+Page-[\w-]+\.js$/.test(file));
if (first.length === 0 || pages.length === 0)
  throw new Error("dist has no app in it, or its chunks have other names now");

const sizes = pages.map((page) => {
  const chunks = closure([...first, `assets/${page}`]);
  const kib = Array.from(chunks.values(), ({ bytes }) => bytes).reduce((sum, bytes) => sum + bytes, 0) / 1024;
  return { page: page.replace(/-[\w-]+\.js$/, ""), kib };
});
sizes.sort((one, other) => other.kib - one.kib);
for (const { page, kib } of sizes) process.stdout.write(`${kib.toFixed(1).padStart(7)} KiB  ${page}\n`);
const tooLarge = sizes.filter(({ kib }) => kib > LARGEST_KIB);
if (tooLarge.length > 0) {
  const names = tooLarge.map(({ page }) => page).join(", ");
  process.stderr.write(`More than ${LARGEST_KIB} KiB of code before the page shows: ${names}\n`);
  process.exitCode = 1;
}
