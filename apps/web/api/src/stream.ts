// Replies as they come: POST /api/chat/stream, whose answer is server-sent events, which no generator of clients knows.
import { EventSourceParserStream } from "eventsource-parser/stream";
import { errorFrom } from "./error.ts";
import type { components } from "./schema.ts";
import { authorization, type Server } from "./server.ts";

type Schemas = components["schemas"];

/** What to have answered, and where. */
export type Prompt = Schemas["StreamRequest"];

/** What comes of a reply: one `start`, any number of tokens, an `error` if it failed, one `end`. */
export type ChatEvent =
  | { name: "start"; data: Schemas["StreamStart"]; id?: string }
  | { name: "token"; data: Schemas["StreamToken"]; id?: string }
  | { name: "reasoning"; data: Schemas["StreamReasoning"]; id?: string }
  | { name: "error"; data: Schemas["StreamError"]; id?: string }
  | { name: "end"; data: Schemas["StreamEnd"]; id?: string };

const NAMES: ReadonlySet<string> = new Set<ChatEvent["name"]>(["start", "token", "reasoning", "error", "end"]);

/** The stream broke off on its way. The reply itself goes on; the conversation has what there is of it. */
export class BrokenStreamError extends Error {
  override name = "BrokenStreamError";
}

/**
 * Sends a prompt and yields what comes of it, up to and including `end`.
 *
 * Leaving the loop early, or aborting the signal, hangs up. The reply is written to its end all the same, unless it is
 * stopped with `/api/chat/stop`.
 *
 * @throws {@link ApiError} where the server refuses, {@link BrokenStreamError} where the stream has no end.
 */
export async function* stream(server: Server, prompt: Prompt, signal?: AbortSignal): AsyncGenerator<ChatEvent, void> {
  const response = await (server.fetch ?? fetch)(`${server.baseUrl}/api/chat/stream`, {
    method: "POST",
    headers: { ...(await authorization(server)), Accept: "text/event-stream", "Content-Type": "application/json" },
    body: JSON.stringify(prompt),
    signal: signal ?? null,
  });
  if (!response.ok || response.body === null) throw await errorFrom(response);
  try {
    for await (const event of eventsIn(response.body)) {
      yield event;
      if (event.name === "end") return;
    }
  } catch (cause) {
    // Whoever aborts is told so, as `fetch` would.
    if (signal?.aborted) throw cause;
    throw new BrokenStreamError("The stream of the reply broke off.", { cause });
  }
  throw new BrokenStreamError("The stream of the reply broke off.");
}

/** The events in these bytes. Comments and events of other names are passed over. */
export async function* eventsIn(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ChatEvent, void> {
  const reader = bytes.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { event: name, data, id } = next.value;
      if (name !== undefined && NAMES.has(name)) {
        yield { name, data: JSON.parse(data), ...(id === undefined ? {} : { id }) } as ChatEvent;
      }
    }
  } finally {
    // Who leaves the loop early hangs up. What is broken already cannot be cancelled, which is as good.
    await reader.cancel().catch(() => undefined);
  }
}
