// Streams of replies: how they are begun, and how one comes back to them.
import { type ChatEvent, errorFrom, eventsIn } from "@raconteur/api";
import { server } from "./client.ts";
import type { StreamStart } from "./thread.ts";

/** The server says something every 15 seconds. Longer than this, and the connection is dead without anybody having said so. */
const SILENCE = 40_000;

/** What is asked for: an answer to a prompt or to what was said last, another reply in place of one, or more of one. */
export type Request =
  | { kind: "prompt"; conversation: string; prompt: string; key: string }
  | { kind: "answer"; conversation: string; prompt?: string }
  | { kind: "regenerate" | "continue"; message: string };

/** A reply that has begun, and what comes of it. */
export type Begun = { start: StreamStart; events: AsyncGenerator<ChatEvent, void> };

/**
 * Asks for a reply, and waits until it has begun. From then on it goes on by itself, whoever listens.
 *
 * @throws `ApiError` where the server refuses; what `fetch` throws where nobody knows whether it has begun. A prompt may then be
 * sent again, for its key makes it one and the same.
 */
export async function begin(request: Request): Promise<Begun> {
  const events = await open(...post(request));
  const first = events && (await events.next());
  if (!first || first.done || first.value.name !== "start")
    throw new TypeError("The stream broke off before its start.");
  return { start: first.value.data, events };
}

/**
 * What comes of a reply behind the event with this id, or from its beginning.
 *
 * @returns nothing where there is nothing behind it
 * @throws `ApiError` where the server refuses
 */
export function resume(
  generation: string,
  last: string | undefined,
  signal: AbortSignal,
): Promise<AsyncGenerator<ChatEvent, void> | undefined> {
  const headers = { Accept: "text/event-stream", ...(last === undefined ? {} : { "Last-Event-ID": last }) };
  return open(`/api/chat/stream/${generation}?reasoning=true`, { headers, signal });
}

function post(request: Request): [path: string, init: RequestInit] {
  const json = (body: object, more: Record<string, string> = {}) => ({
    method: "POST",
    headers: { Accept: "text/event-stream", "Content-Type": "application/json", ...more },
    body: JSON.stringify({ ...body, reasoning: true }),
  });
  switch (request.kind) {
    case "prompt": {
      const body = { conversation_id: request.conversation, prompt: request.prompt };
      return ["/api/chat/stream", json(body, { "Idempotency-Key": request.key })];
    }
    case "answer": {
      const prompt = request.prompt === undefined ? {} : { prompt: request.prompt };
      return [
        "/api/chat/stream",
        json({ conversation_id: request.conversation, create_user_message: false, ...prompt }),
      ];
    }
    default:
      return [`/api/messages/${request.message}/${request.kind}`, json({})];
  }
}

async function open(path: string, init: RequestInit): Promise<AsyncGenerator<ChatEvent, void> | undefined> {
  const response = await (server.fetch ?? fetch)(`${server.baseUrl}${path}`, init);
  if (response.status === 204) return undefined;
  if (!response.ok || response.body === null) throw await errorFrom(response);
  return eventsIn(response.body.pipeThrough(endAtSilence(SILENCE)));
}

/** Passes bytes on until none have come for so many milliseconds; then the stream is broken. */
function endAtSilence(patience: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let timer: ReturnType<typeof setTimeout>;
  const watch = (out: TransformStreamDefaultController) => {
    clearTimeout(timer);
    timer = setTimeout(() => out.error(new TypeError("The server has fallen silent.")), patience);
  };
  return new TransformStream({
    start: watch,
    transform: (bytes, out) => {
      watch(out);
      out.enqueue(bytes);
    },
    flush: () => clearTimeout(timer),
  });
}
