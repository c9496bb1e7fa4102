// What every reader here has in common: what it is told, and how it says what it saw. It prints a JSON line for each
// event, and at last one with the bytes of the stream, which the test reads with a parser of its own.

const { SERVER, TOKEN, BODY, NETWORK } = process.env;

export const url = `${SERVER}/api/chat/stream`;

export const request = {
  method: "POST",
  headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
  body: BODY,
};

/** An id that is not there may be `undefined` or empty. What has no data is no event, whatever a parser makes of it. */
export function print(name, data, id) {
  if (data !== "") console.log(JSON.stringify({ name, data, id: id || null }));
}

const read = [];

export function printBytes() {
  console.log(JSON.stringify({ bytes: Buffer.concat(read).toString("base64") }));
}

/** `fetch`, keeping what is read of the body. Over an awkward network it comes byte by byte. */
export async function fetchAndKeep(...asked) {
  const response = await fetch(...asked);
  const keep = new TransformStream({
    transform(bytes, out) {
      read.push(bytes);
      NETWORK === "awkward" ? awkwardly(bytes, out) : out.enqueue(bytes);
    },
  });
  return new Response(response.body.pipeThrough(keep), response);
}

const LF = "\n".charCodeAt(0);
const keepAlive = new TextEncoder().encode(": keep-alive\n\n");
let before;

/** Every byte by itself, and after each block the comment that the server sends in a long silence. */
function awkwardly(bytes, out) {
  for (const byte of bytes) {
    out.enqueue(Uint8Array.of(byte));
    if (byte === LF && before === LF) out.enqueue(keepAlive);
    before = byte;
  }
}
