import { clsx } from "clsx";
import { CircleHelp, Copy, type LucideIcon, Pencil, RefreshCw, StepForward, Trash2 } from "lucide-react";
import type { Message } from "@/api/thread.ts";
import { IconButton } from "@/components/IconButton.tsx";
import { notify } from "@/components/toasts.ts";
import { chat as text } from "@/strings/index.ts";
import { act } from "../act.ts";
import { copy } from "../clipboard.ts";
import { useChat } from "../context.ts";
import { continueReply, regenerate } from "../live.ts";
import { SiblingArrows } from "./SiblingArrows.tsx";

type ActionsProps = {
  message: Message;
  /** Whether it is the last one, where there is more to do. */
  last: boolean;
  className?: string;
};

/** What can be done with a message that is not being written. */
export function Actions({ message, last, className }: ActionsProps) {
  const { id, remove, explain, edit } = useChat();
  const { generation_id: generation } = message;
  // A greeting was written by nobody who could be asked again.
  const canBeAskedAgain = message.role === "assistant" && generation !== null;

  const copyIt = async () => {
    try {
      await copy(message.content);
      notify({ text: text.actions.copied });
    } catch {
      notify({ text: text.actions.copyFailed, urgent: true });
    }
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: these are no fields of a form.
    <div
      role="group"
      aria-label={text.actions.label}
      className={clsx(
        "flex flex-wrap items-center transition-opacity group-hover:opacity-100 focus-within:opacity-100",
        !last && "pointer-fine:opacity-0",
        className,
      )}
    >
      <SiblingArrows message={message} />
      {canBeAskedAgain && (
        <Action
          icon={RefreshCw}
          label={text.actions.regenerate}
          onClick={() => void act(() => regenerate(id, message.id))}
        />
      )}
      {canBeAskedAgain && last && (
        <Action
          icon={StepForward}
          label={text.actions.continue}
          onClick={() => void act(() => continueReply(id, message.id))}
        />
      )}
      {generation !== null && <Action icon={CircleHelp} label={text.actions.why} onClick={() => explain(generation)} />}
      <Action icon={Copy} label={text.actions.copy} onClick={() => void copyIt()} />
      <Action icon={Pencil} label={text.actions.edit} onClick={() => edit(message.id)} />
      <Action icon={Trash2} label={text.actions.remove} onClick={() => remove(message)} />
    </div>
  );
}

function Action({ icon, label, onClick }: { icon: LucideIcon; label: string; onClick: () => void }) {
  return <IconButton icon={icon} label={label} onClick={onClick} className="size-9 [&_svg]:size-4.5" />;
}
