// How a stream is read, whatever the network does to it. A real server is asked by the tests of the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, BrokenStreamError, stream, type ChatEvent } from "../src/index.ts";

const START = 'event: start\ndata: {"message_id":"m","generation_id":"g"}\nid: g:0\n\n';
const TOKEN = 'event: token\ndata: {"delta":"漢🗡\u2028\\n"}\nid: g:11\n\n';
const END = 'event: end\ndata: {"status":"complete"}\nid: g:end\n\n';

const PROMPT = { conversation_id: "c", prompt: "Well?" };

/** A server whose answer is this. */
function answering(answer: Response | ((request: RequestInit) => Response)) {
  const asked: RequestInit[] = [];
  const fetch = async (_: unknown, request: RequestInit = {}) => {
    asked.push(request);
    return typeof answer === "function" ? answer(request) : answer;
  };
  return { asked, baseUrl: "http://server", token: "t", fetch: fetch as typeof globalThis.fetch };
}

/** Bytes in pieces of this size; then the stream ends, breaks, or stays open. */
function inPieces(text: string, size: number, ending: "close" | "break" | "stay" = "close") {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(out) {
      if (at < bytes.length) out.enqueue(bytes.slice(at, (at += size)));
      else if (ending === "close") out.close();
      else if (ending === "break") out.error(new TypeError("terminated"));
      else return new Promise(() => {});
    },
    cancel() {
      cancelled = true;
    },
  });
  return { response: new Response(body), isCancelled: () => cancelled };
}

async function read(server: ReturnType<typeof answering>): Promise<ChatEvent[]> {
  const events = [];
  for await (const event of stream(server, PROMPT)) events.push(event);
  return events;
}

test("events come whole however their bytes are cut", async () => {
  for (const size of [1, 2, 3, 7, 1000]) {
    const events = await read(answering(inPieces(START + TOKEN + END, size).response));
    assert.deepEqual(events, [
      { name: "start", data: { message_id: "m", generation_id: "g" }, id: "g:0" },
      { name: "token", data: { delta: "漢🗡\u2028\n" }, id: "g:11" },
      { name: "end", data: { status: "complete" }, id: "g:end" },
    ]);
  }
});

test("an error comes before the end, and has no id", async () => {
  const error = 'event: error\ndata: {"code":"model_timeout","detail":"Too slow.","retryable":true}\n\n';
  const events = await read(answering(inPieces(START + error + END, 5).response));
  const trouble = { code: "model_timeout", detail: "Too slow.", retryable: true };
  assert.deepEqual(events[1], { name: "error", data: trouble });
});

test("comments, and events that nobody knows yet, are passed over", async () => {
  const noise = ': keep-alive\n\nevent: news\ndata: {}\n\ndata: {"delta":"unnamed"}\n\n';
  const events = await read(answering(inPieces(START + noise + TOKEN + noise + END, 4).response));
  assert.deepEqual(events.map((event) => event.name), ["start", "token", "end"]);
});

test("the prompt goes out as JSON, with the token of the moment", async () => {
  const server = { ...answering(inPieces(START + END, 1000).response), token: async () => "fresh" };
  for await (const _ of stream(server, PROMPT));
  assert.equal(server.asked[0]?.method, "POST");
  assert.deepEqual(JSON.parse(String(server.asked[0]?.body)), PROMPT);
  assert.deepEqual(server.asked[0]?.headers, {
    Authorization: "Bearer fresh",
    Accept: "text/event-stream",
    "Content-Type": "application/json",
  });
});

test("nothing is waited for after the end", async () => {
  const { response, isCancelled } = inPieces(START + END, 1000, "stay");
  assert.equal((await read(answering(response))).length, 2);
  assert.ok(isCancelled());
});

test("who leaves the loop hangs up", async () => {
  const { response, isCancelled } = inPieces(START + TOKEN, 1000, "stay");
  for await (const event of stream(answering(response), PROMPT)) {
    if (event.name === "start") break;
  }
  assert.ok(isCancelled());
});

test("a stream without an end is broken, whether it closes or is cut", async () => {
  for (const ending of ["close", "break"] as const) {
    await assert.rejects(read(answering(inPieces(START + TOKEN, 3, ending).response)), BrokenStreamError);
  }
});

test("a refusal is an error with the server's code and words", async () => {
  const body = { code: "not_found", detail: "Not found." };
  await assert.rejects(read(answering(Response.json(body, { status: 404 }))), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.status, error.code, error.message, error.body], [404, "not_found", "Not found.", body]);
    return true;
  });
});

test("so is a refusal by somebody on the way, who does not speak JSON", async () => {
  await assert.rejects(read(answering(new Response("<h1>Bad Gateway</h1>", { status: 502 }))), {
    status: 502,
    code: "unknown",
    message: "The server answered 502.",
  });
});

test("an aborted signal ends it as it ends a fetch", async () => {
  const abort = new AbortController();
  const server = answering(({ signal }) => {
    const body = new ReadableStream({
      start(out) {
        out.enqueue(new TextEncoder().encode(START));
        signal?.addEventListener("abort", () => out.error(signal.reason));
      },
    });
    return new Response(body);
  });
  const reading = async () => {
    for await (const _ of stream(server, PROMPT, abort.signal)) abort.abort();
  };
  await assert.rejects(reading, { name: "AbortError" });
});
