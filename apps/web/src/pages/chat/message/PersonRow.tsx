import type { ReactNode } from "react";
import type { Message } from "@/api/thread.ts";
import { Button } from "@/components/Button.tsx";
import { chat as text } from "@/strings/index.ts";
import { act } from "../act.ts";
import { useChat } from "../context.ts";
import { askForAnswer, takeBack } from "../live.ts";
import { Markdown } from "../markdown/Markdown.tsx";
import { isOoc, withoutMark } from "../ooc.ts";
import type { Sending } from "../outbox/outbox.ts";
import { Actions } from "./Actions.tsx";
import { EditForm } from "./EditForm.tsx";

/** What the person said. `unanswered` where it is the last thing said, and nobody is about to answer. */
export function PersonRow({ message, last, unanswered }: { message: Message; last: boolean; unanswered: boolean }) {
  const { id, editing } = useChat();
  if (editing === message.id) {
    return (
      <article aria-label={text.you}>
        <EditForm message={message} />
      </article>
    );
  }
  return (
    <Said words={message.content}>
      <Actions message={message} last={last} className="justify-end" />
      {unanswered && (
        <p className="flex flex-wrap items-center justify-end gap-3 text-sm text-ink-soft">
          {text.reply.unanswered}
          <Button size="small" onClick={() => void act(() => askForAnswer(id))}>
            {text.reply.ask}
          </Button>
        </p>
      )}
    </Said>
  );
}

/** What the person says, and the server does not have yet. */
export function SendingRow({ sending, waiting }: { sending: Sending; waiting: boolean }) {
  return (
    <Said words={sending.prompt}>
      <p role="status" className="flex min-h-10 flex-wrap items-center justify-end gap-x-3 text-sm text-ink-soft">
        {waiting ? text.waiting.queued : text.waiting.sending}
        {waiting && (
          <Button size="small" variant="plain" onClick={() => takeBack(sending.key)}>
            {text.waiting.takeBack}
          </Button>
        )}
      </p>
    </Said>
  );
}

function Said({ words, children }: { words: string; children: ReactNode }) {
  return (
    <article
      aria-label={text.you}
      className="group ml-auto grid w-fit max-w-[92%] min-w-0 justify-items-end sm:max-w-[80%]"
    >
      <div className="min-w-0 max-w-full rounded-2xl rounded-br-sm bg-accent-wash px-4 py-2.5">
        {isOoc(words) && <p className="eyebrow">{text.compose.ooc}</p>}
        <Markdown text={withoutMark(words)} />
      </div>
      {children}
    </article>
  );
}
