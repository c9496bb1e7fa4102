import { clsx } from "clsx";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { editMessage } from "@/api/messages.ts";
import type { Message } from "@/api/thread.ts";
import { Button } from "@/components/Button.tsx";
import { controlLook } from "@/components/Field.tsx";
import { TextArea } from "@/components/TextArea.tsx";
import { common, chat as text } from "@/strings/index.ts";
import { act } from "../act.ts";
import { useChat } from "../context.ts";
import { askForAnswer, changed } from "../live.ts";

/** Other words for a message, in its place. The character's are replaced; one's own get a new branch, and an answer. */
export function EditForm({ message }: { message: Message }) {
  const { id, edit } = useChat();
  const [words, setWords] = useState(message.content);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const hint = useId();
  const own = message.role === "user";

  useEffect(() => {
    const end = box.current?.value.length ?? 0;
    box.current?.focus();
    box.current?.setSelectionRange(end, end);
  }, []);

  const save = async () => {
    if (words === message.content || words.trim() === "") return edit(undefined);
    setBusy(true);
    const saved = await act(async () => {
      await editMessage(message.id, words);
      await changed(id);
    });
    setBusy(false);
    if (!saved) return;
    edit(undefined);
    // Should this fail, the words are there, and the page offers to ask again.
    if (own) await act(() => askForAnswer(id, words));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      edit(undefined);
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };

  return (
    <form onSubmit={onSubmit} className="grid gap-2">
      <TextArea
        ref={box}
        aria-label={text.edit.label}
        {...(own && { "aria-describedby": hint })}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={onKeyDown}
        className={clsx(controlLook, "max-h-[60dvh]")}
      />
      {own && (
        <p id={hint} className="text-sm text-ink-soft">
          {text.edit.own}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button size="small" variant="plain" onClick={() => edit(undefined)}>
          {common.cancel}
        </Button>
        <Button size="small" type="submit" busy={busy}>
          {own ? text.edit.send : text.edit.save}
        </Button>
      </div>
    </form>
  );
}
