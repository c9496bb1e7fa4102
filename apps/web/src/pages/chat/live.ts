// What goes on in conversations, in all tabs: which replies are running, and which prompts are on their way. It is there from the
// moment on that the code of the chat is loaded, whatever page is shown.
import type { ChatEvent } from "@raconteur/api";
import { onlineManager } from "@tanstack/react-query";
import { conversationsKey } from "@/api/conversations.ts";
import { explain, isTemporary } from "@/api/errors.ts";
import { refreshNewest, showMessages, threadKey } from "@/api/messages.ts";
import { queryClient } from "@/api/queryClient.ts";
import { begin, type Request, resume } from "@/api/stream.ts";
import { type Cause, type Message, type StreamStart, type Thread, withStarted } from "@/api/thread.ts";
import { notify } from "@/components/toasts.ts";
import { session } from "@/session/index.ts";
import { forgetDrafts, putBack } from "./drafts.ts";
import { newKey } from "./key.ts";
import { Outbox, type Sending } from "./outbox/outbox.ts";
import { patience } from "./reply/follow.ts";
import { Reply } from "./reply/reply.ts";
import { share, type Tabs } from "./reply/sharing.ts";

/** What tabs tell each other of a conversation: that a reply has begun, or that anything else has changed. */
type News = { conversation: string; started?: { start: StreamStart; cause: Cause } };

const news = new BroadcastChannel("raconteur.chat");
const tabs: Tabs = { channel: new BroadcastChannel("raconteur.replies"), locks: navigator.locks };

/** Replies that are followed here, by their generation, and what ends that. */
const replies = new Map<string, { reply: Reply; conversation: string; leave: AbortController }>();

/** Follows the reply that a message is, until its page is left. */
export function followReply(
  conversation: string,
  { generation_id: generation, content }: Pick<Message, "generation_id" | "content">,
  events?: AsyncGenerator<ChatEvent, void>,
): Reply | undefined {
  if (generation === null) return undefined;
  const known = replies.get(generation);
  if (known !== undefined) {
    void events?.return();
    return known.reply;
  }
  const reply = new Reply(generation, content);
  const leave = new AbortController();
  replies.set(generation, { reply, conversation, leave });
  void share(reply, { resume, patience }, tabs, leave.signal, events).then(async () => {
    if (leave.signal.aborted) return;
    await refresh(conversation);
    void queryClient.invalidateQueries({ queryKey: [...conversationsKey, "list"] });
  });
  return reply;
}

/** The reply of this generation, if it is followed here. */
export function replyOf(generation: string | null): Reply | undefined {
  return generation === null ? undefined : replies.get(generation)?.reply;
}

/** Hangs up on all replies of a conversation. They go on without us. */
export function leaveReplies(conversation: string): void {
  for (const [generation, { conversation: theirs, leave }] of replies) {
    if (theirs !== conversation) continue;
    leave.abort();
    replies.delete(generation);
  }
}

/** Asks for a reply, shows it in all tabs, and follows it if somebody looks at its conversation here. */
async function ask(conversation: string, request: Request, cause: Cause): Promise<void> {
  const { start, events } = await begin(request);
  showStarted(conversation, start, cause);
  tell({ conversation, started: { start, cause } });
  follow(conversation, start, events);
  void refresh(conversation);
}

function follow(conversation: string, start: StreamStart, events: AsyncGenerator<ChatEvent, void>): void {
  const thread = queryClient.getQueryData<Thread>(threadKey(conversation));
  const message = thread?.messages.find(({ id }) => id === start.message_id);
  if (message === undefined || !isWatched(conversation)) void events.return();
  else followReply(conversation, { content: message.content, generation_id: start.generation_id }, events);
}

/** Another reply in place of this one. */
export async function regenerate(conversation: string, message: string): Promise<void> {
  await ask(conversation, { kind: "regenerate", message }, { kind: "regenerate", message });
}

/** More of a reply. */
export async function continueReply(conversation: string, message: string): Promise<void> {
  const { start, events } = await begin({ kind: "continue", message });
  tell({ conversation });
  // It may go on without the line of trouble at its end, so it has to be looked at first.
  await refresh(conversation);
  follow(conversation, start, events);
}

/** An answer to what was said last: to `prompt`, if that is to be made sure of. */
export async function askForAnswer(conversation: string, prompt?: string): Promise<void> {
  const request = { kind: "answer" as const, conversation, ...(prompt === undefined ? {} : { prompt }) };
  await ask(conversation, request, { kind: "prompt", prompt: null });
}

/** Says that a conversation has changed, here and in the other tabs. */
export async function changed(conversation: string): Promise<void> {
  tell({ conversation });
  await refresh(conversation, true);
}

/** What is on its way to the server. */
export const outbox = new Outbox({
  storage: localStorage,
  deliver: ({ conversation, prompt, key }) =>
    ask(conversation, { kind: "prompt", conversation, prompt, key }, { kind: "prompt", prompt }),
  refused: (sending, error) => giveBack(sending, explain(error).detail),
  // Offline, the browser says when it is time.
  patience: (failures) => patience(onlineManager.isOnline() ? failures : 10, new AbortController().signal),
  exclusively: async (conversation, run) => {
    await (tabs.locks === undefined ? run() : tabs.locks.request(`raconteur.outbox.${conversation}`, run));
  },
});

/** Sends a prompt, now or once that is possible. */
export function send(conversation: string, prompt: string): void {
  outbox.add({ key: newKey(), conversation, prompt });
}

function giveBack({ conversation, prompt }: Sending, why: string): void {
  putBack(conversation, prompt);
  notify({ text: why, urgent: true });
}

/** Takes what waits back into the box where it was written. */
export function takeBack(key: string): void {
  const sending = outbox.takeBack(key);
  if (sending !== undefined) putBack(sending.conversation, sending.prompt);
}

function showStarted(conversation: string, start: StreamStart, cause: Cause): void {
  const queryKey = threadKey(conversation);
  // An answer that is under way does not have it yet.
  if (queryClient.getQueryData(queryKey) !== undefined) void queryClient.cancelQueries({ queryKey });
  showMessages(queryClient, conversation, (loaded) => withStarted(loaded, start, cause));
}

/** Loads anew what a conversation ends with, or `whole`. Where that fails it is done when the window comes back to the front. */
async function refresh(conversation: string, whole = false): Promise<void> {
  if (!isWatched(conversation)) return;
  try {
    if (whole) await queryClient.invalidateQueries({ queryKey: threadKey(conversation) });
    else await refreshNewest(queryClient, conversation);
  } catch (error) {
    if (isTemporary(error)) void queryClient.invalidateQueries({ queryKey: threadKey(conversation) });
  }
}

/** Whether somebody looks at the conversation in this tab. */
function isWatched(conversation: string): boolean {
  return (
    queryClient
      .getQueryCache()
      .find({ queryKey: threadKey(conversation) })
      ?.isActive() ?? false
  );
}

function tell(what: News): void {
  news.postMessage(what);
}

news.onmessage = ({ data: { conversation, started } }: MessageEvent<News>) => {
  if (!isWatched(conversation)) return;
  if (started) showStarted(conversation, started.start, started.cause);
  void refresh(conversation, started === undefined);
};

// Whoever signs out leaves nothing behind. Whoever is signed out finds it all when they are back.
let { signedIn } = session.state();
if (signedIn) outbox.resume();
session.subscribe(() => {
  const state = session.state();
  if (state.signedIn && !signedIn) outbox.resume();
  if (!state.signedIn && signedIn && !state.expired) {
    outbox.clear();
    forgetDrafts();
  }
  signedIn = state.signedIn;
});

window.addEventListener("storage", ({ key }) => {
  if (key === "raconteur.outbox" && signedIn) outbox.resume();
});
