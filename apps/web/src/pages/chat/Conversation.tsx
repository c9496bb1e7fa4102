import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { stopReply } from "@/api/messages.ts";
import { personaQuery } from "@/api/personas.ts";
import type { Thread } from "@/api/thread.ts";
import { useNavigationFocus } from "@/shell/navigationFocus.ts";
import { Announcer } from "./Announcer.tsx";
import { act } from "./act.ts";
import { ChatHeader } from "./ChatHeader.tsx";
import { Composer } from "./Composer.tsx";
import { type Chat, ChatContext } from "./context.ts";
import { putBack } from "./drafts.ts";
import { EmptyChat } from "./EmptyChat.tsx";
import { outbox, send } from "./live.ts";
import { MessageList } from "./MessageList.tsx";
import { useRemoval } from "./removal.ts";
import { useReplies } from "./shown.ts";

const WhyDrawer = lazy(() => import("./why/WhyDrawer.tsx"));
const NoteDrawer = lazy(() => import("./note/NoteDrawer.tsx"));

type Panel = { kind: "why"; generation: string } | { kind: "note" };

/** Someone's thread with a character, with all that can be done in it. */
export function Conversation({ thread }: { thread: Thread }) {
  const { id, messages, persona: slug } = thread;
  const { message: wanted } = useSearch({ from: "/signed-in/chats/$id" });
  const { data: persona } = useQuery({ ...personaQuery(slug ?? ""), enabled: typeof slug === "string" });
  const { shown, remove, settle } = useRemoval(id, messages);
  const replies = useReplies(id, shown);
  const sendings = useSyncExternalStore(outbox.subscribe, () => outbox.view(id));
  const [editing, edit] = useState<string>();
  const [panel, setPanel] = useState<Panel>();
  const heading = useRef<HTMLHeadingElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const toEnd = useRef(() => {});
  // Where there is a keyboard one goes on writing; elsewhere it would come up over the page.
  useNavigationFocus(globalThis.matchMedia("(pointer: fine)").matches ? box : heading);

  const last = shown.at(-1);
  const running = shown.findLast(({ status }) => status === "running")?.generation_id ?? undefined;
  const stop = () => running !== undefined && void act(() => stopReply(running));
  useEscape(stop);

  const say = async (prompt: string) => {
    toEnd.current();
    if (await settle()) send(id, prompt);
    else putBack(id, prompt);
  };
  const begin = (words: string) => {
    putBack(id, words);
    box.current?.focus();
  };
  const chat: Chat = {
    id,
    character: { name: persona?.name ?? thread.character, avatar: persona?.avatar ?? null },
    remove: (message) => void remove(message),
    explain: (generation) => setPanel({ kind: "why", generation }),
    editing,
    edit,
  };

  return (
    <ChatContext value={chat}>
      <ChatHeader thread={thread} heading={heading} onNote={() => setPanel({ kind: "note" })} />
      {shown.length === 0 && sendings.sendings.length === 0 ? (
        <EmptyChat persona={persona} onOpener={begin} />
      ) : (
        <MessageList
          thread={{ ...thread, messages: shown }}
          outbox={sendings}
          replies={replies}
          wanted={wanted}
          toEnd={toEnd}
        />
      )}
      {last && <Announcer message={last} reply={replies.get(last.generation_id ?? "")} />}
      <Composer
        box={box}
        running={running !== undefined}
        sending={sendings.sendings.length > 0 && !sendings.waiting}
        onSend={(prompt) => void say(prompt)}
        onStop={stop}
      />
      <Suspense>
        {panel?.kind === "why" && <WhyDrawer generation={panel.generation} onClose={() => setPanel(undefined)} />}
        {panel?.kind === "note" && <NoteDrawer thread={thread} onClose={() => setPanel(undefined)} />}
      </Suspense>
    </ChatContext>
  );
}

/** Calls this for Escape, unless something on the page had a use for the key itself. */
function useEscape(call: () => void): void {
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const elsewhere = event.target instanceof Element && event.target.closest("[role=dialog], [role=menu]");
      if (event.key === "Escape" && !event.defaultPrevented && !elsewhere) latest.current();
    };
    globalThis.addEventListener("keydown", listen);
    return () => globalThis.removeEventListener("keydown", listen);
  }, []);
}
