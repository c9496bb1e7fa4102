// Packs what was built, so that the server has each file ready as small as a browser takes it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist", import.meta.url).pathname;
const text = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest"]);
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.has(extname(entry.name))) continue;
  const path = join(entry.parentPath, entry.name);
  const plain = readFileSync(path);
  for (const [extension, packed] of [
    ["br", brotliCompressSync(plain, brotli)],
    ["gz", gzipSync(plain, { level: constants.Z_BEST_COMPRESSION })],
  ]) {
    // Where it comes out no smaller there is no use for it.
    if (packed.length < plain.length) writeFileSync(`${path}.${extension}`, packed);
  }
}
