import { WifiOff } from "lucide-react";
import type { Message } from "@/api/thread.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { chat as text } from "@/strings/index.ts";
import { useChat } from "../context.ts";
import { Markdown } from "../markdown/Markdown.tsx";
import type { Reply } from "../reply/reply.ts";
import { useShown } from "../shown.ts";
import { Actions } from "./Actions.tsx";
import { EditForm } from "./EditForm.tsx";
import { Failure } from "./Failure.tsx";

type ReplyRowProps = {
  message: Message;
  reply: Reply | undefined;
  /** Whether it is the narrator who speaks. */
  narrated: boolean;
  last: boolean;
};

/** What the character said, or is saying. */
export function ReplyRow({ message, reply, narrated, last }: ReplyRowProps) {
  const { character, editing } = useChat();
  const { name, avatar } = narrated ? { name: text.narrator, avatar: null } : character;
  const { text: words, thoughts, status, error, waiting } = useShown(message, reply);
  const running = status === "running";
  return (
    <article aria-label={name} aria-busy={running} className="group grid gap-x-4 sm:grid-cols-[2.75rem_1fr]">
      <div className="mb-2 flex items-center gap-3 sm:row-span-2 sm:mb-0 sm:items-start">
        <span className="sm:hidden">
          <Avatar name={name} picture={avatar} size="small" />
        </span>
        <span className="hidden sm:block">
          <Avatar name={name} picture={avatar} />
        </span>
        <span className="font-medium sm:hidden">{name}</span>
      </div>
      <div className="min-w-0">
        <p aria-hidden className="mb-1 hidden text-sm font-medium text-ink-soft sm:block">
          {name}
        </p>
        {thoughts !== "" && <Thoughts words={thoughts} thinking={running && words === ""} />}
        {editing === message.id ? (
          <EditForm message={message} />
        ) : (
          <>
            {words !== "" && <Markdown text={words} growing={running} cut={status !== "complete"} />}
            {words === "" && running && <Writing />}
            {words === "" && !running && <p className="text-ink-soft italic">{text.reply.nothing}</p>}
            {running && waiting && <Reconnecting />}
            {status === "stopped" && <p className="mt-2 text-sm text-ink-soft italic">{text.reply.stopped}</p>}
            {(status === "failed" || status === "interrupted") && message.status !== "running" && (
              <Failure message={message} error={error} last={last} />
            )}
            <div className="min-h-10 pt-1">
              {!running && <Actions message={message} last={last} className="-ml-2.5" />}
            </div>
          </>
        )}
      </div>
    </article>
  );
}

/** Three dots, until the first word comes. */
function Writing() {
  return (
    <p className="flex h-[1.6em] items-center gap-1.5">
      {[0, 200, 400].map((delay) => (
        <span
          key={delay}
          aria-hidden
          style={{ animationDelay: `${delay}ms` }}
          className="size-1.5 animate-breathe rounded-full bg-accent"
        />
      ))}
    </p>
  );
}

function Reconnecting() {
  return (
    <p role="status" className="mt-2 flex items-start gap-2 text-sm text-ink-soft">
      <WifiOff aria-hidden className="mt-0.5 size-4 shrink-0" strokeWidth={1.75} />
      {text.reply.reconnecting}
    </p>
  );
}

/** What the model thinks before it speaks, for those who want to know. */
function Thoughts({ words, thinking }: { words: string; thinking: boolean }) {
  return (
    <details className="mb-3 text-sm text-ink-soft">
      <summary className="w-fit cursor-pointer rounded-sm">
        {thinking ? text.reply.thinking : text.reply.thoughts}
      </summary>
      <p className="mt-2 max-h-72 overflow-y-auto border-l-2 border-rule pl-3 whitespace-pre-wrap">{words}</p>
    </details>
  );
}
