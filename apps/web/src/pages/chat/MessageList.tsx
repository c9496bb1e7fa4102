import { clsx } from "clsx";
import { ArrowDown } from "lucide-react";
import { type RefObject, useRef } from "react";
import { Virtualizer } from "virtua";
import { hasOlder, type Message, type Thread } from "@/api/thread.ts";
import { Button } from "@/components/Button.tsx";
import { Ornament } from "@/components/Ornament.tsx";
import { Spinner } from "@/components/Spinner.tsx";
import { common, chat as text } from "@/strings/index.ts";
import { useChat } from "./context.ts";
import { PersonRow, SendingRow } from "./message/PersonRow.tsx";
import { ReplyRow } from "./message/ReplyRow.tsx";
import { isOoc } from "./ooc.ts";
import type { OutboxView, Sending } from "./outbox/outbox.ts";
import type { Reply } from "./reply/reply.ts";
import { type Scrolling, useScrolling } from "./scrolling.ts";
import { useShown } from "./shown.ts";

/** The height of what stands above the first message. */
const HEAD = 72;

export type Row = { key: string } & ({ message: Message } | { sending: Sending });

type MessageListProps = {
  thread: Thread;
  outbox: OutboxView;
  replies: ReadonlyMap<string, Reply>;
  /** The message that somebody looks for. */
  wanted: string | undefined;
  /** What takes the view to the end. */
  toEnd: RefObject<() => void>;
};

/** What was said. Of a long conversation only what is near the view is a part of the page. */
export function MessageList({ thread, outbox, replies, wanted, toEnd }: MessageListProps) {
  const { editing } = useChat();
  const { messages } = thread;
  const rows: Row[] = [
    ...messages.map((message) => ({ key: message.id, message })),
    ...outbox.sendings.map((sending) => ({ key: sending.key, sending })),
  ];
  const scrolling = useScrolling(thread, rows, wanted);
  toEnd.current = scrolling.toEnd;
  const kept = editing === undefined ? -1 : rows.findIndex(({ key }) => key === editing);
  const last = messages.at(-1);

  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={scrolling.scroller}
        aria-label={text.messages}
        onWheel={scrolling.byReader}
        onTouchMove={scrolling.byReader}
        onPointerDown={scrolling.byReader}
        onKeyDown={scrolling.byReader}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard as well.
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain px-4 -outline-offset-2 [overflow-anchor:none] sm:px-6"
      >
        <div className="mx-auto max-w-2xl">
          <Beginning thread={thread} scrolling={scrolling} />
          <Virtualizer
            ref={scrolling.virtualizer}
            scrollRef={scrolling.scroller}
            startMargin={HEAD}
            as="ol"
            item="li"
            data={rows}
            shift={scrolling.prepended}
            keepMounted={kept < 0 ? [] : [kept]}
            onScroll={scrolling.onScroll}
            onScrollEnd={scrolling.onScrollEnd}
            onResize={scrolling.onResize}
          >
            {(row: Row, index: number) => (
              <div key={row.key} className={clsx("-mx-2 rounded-lg px-2 py-3", row.key === scrolling.found && "found")}>
                {"sending" in row ? (
                  <SendingRow sending={row.sending} waiting={outbox.waiting} />
                ) : row.message.role === "assistant" ? (
                  <ReplyRow
                    message={row.message}
                    reply={replies.get(row.message.generation_id ?? "")}
                    narrated={isOoc(messages[index - 1]?.content ?? "")}
                    last={row.message === last}
                  />
                ) : (
                  <PersonRow
                    message={row.message}
                    last={row.message === last}
                    unanswered={row.message === last && outbox.sendings.length === 0}
                  />
                )}
              </div>
            )}
          </Virtualizer>
          <div className="h-4" />
        </div>
      </section>
      {last && <ToEnd scrolling={scrolling} message={last} reply={replies.get(last.generation_id ?? "")} rows={rows} />}
    </div>
  );
}

/** Above the first message that is loaded: the beginning, or that there is more. */
function Beginning({ thread, scrolling }: { thread: Thread; scrolling: Scrolling }) {
  return (
    <div style={{ height: HEAD }} className="grid place-items-center text-sm text-ink-soft">
      {!hasOlder(thread) ? (
        <Ornament />
      ) : scrolling.olderFailed ? (
        <p className="flex items-center gap-3">
          {text.scroll.olderFailed}
          <Button size="small" onClick={scrolling.loadOlder}>
            {common.retry}
          </Button>
        </p>
      ) : (
        <p className="flex items-center gap-3">
          <Spinner />
          {text.scroll.older}
        </p>
      )}
    </div>
  );
}

type ToEndProps = { scrolling: Scrolling; message: Message; reply: Reply | undefined; rows: Row[] };

/** Leads back to the end, for whoever has scrolled away, and says whether there is anything new. */
function ToEnd({ scrolling, message, reply, rows }: ToEndProps) {
  const { text: words } = useShown(message, reply);
  const state = `${rows.at(-1)?.key} ${words.length}`;
  const seen = useRef(state);
  if (scrolling.atEnd) seen.current = state;
  if (scrolling.atEnd) return null;
  const isNew = seen.current !== state;
  return (
    <Button
      size="small"
      variant={isNew ? "primary" : "quiet"}
      onClick={scrolling.toEnd}
      className="absolute bottom-2 left-1/2 -translate-x-1/2 animate-appear rounded-full shadow-lifted"
    >
      <ArrowDown aria-hidden className="size-4" />
      {isNew ? text.scroll.newText : text.scroll.newest}
    </Button>
  );
}
