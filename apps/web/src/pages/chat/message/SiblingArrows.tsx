import { useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { showSibling } from "@/api/messages.ts";
import type { Message } from "@/api/thread.ts";
import { IconButton } from "@/components/IconButton.tsx";
import { chat as text } from "@/strings/index.ts";
import { act } from "../act.ts";
import { useChat } from "../context.ts";
import { changed } from "../live.ts";

/** ‹ 2/3 ›: leads through the versions of a message. With the focus on it, the arrow keys do so too. */
export function SiblingArrows({ message }: { message: Message }) {
  const { id } = useChat();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { index, count } = message.siblings;
  if (count < 2) return null;

  const go = async (step: 1 | -1) => {
    if (busy || index + step < 0 || index + step >= count) return;
    setBusy(true);
    await act(async () => {
      await showSibling(client, id, message, step);
      await changed(id);
    });
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : undefined;
    if (step === undefined) return;
    event.preventDefault();
    void go(step);
  };

  return (
    <fieldset
      aria-label={text.siblings.label(index + 1, count)}
      aria-busy={busy}
      onKeyDown={onKeyDown}
      className="flex items-center text-sm text-ink-soft tabular-nums"
    >
      <IconButton
        icon={ChevronLeft}
        label={text.siblings.previous}
        aria-disabled={index === 0}
        onClick={() => void go(-1)}
        className="size-9 aria-disabled:opacity-40"
      />
      <span aria-hidden>
        {index + 1}/{count}
      </span>
      <IconButton
        icon={ChevronRight}
        label={text.siblings.next}
        aria-disabled={index + 1 === count}
        onClick={() => void go(1)}
        className="size-9 aria-disabled:opacity-40"
      />
    </fieldset>
  );
}
