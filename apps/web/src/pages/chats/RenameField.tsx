import { useEffect, useRef } from "react";
import { controlLook } from "@/components/Field.tsx";
import { chats as text } from "@/strings/index.ts";

const LONGEST_TITLE = 200;

type RenameFieldProps = {
  title: string;
  /** What it is to be called from now on; `undefined` where it stays as it is. */
  onDone: (title: string | undefined) => void;
};

/** A title that is being changed in its place. Enter and leaving it keep what was written, Escape does not. */
export function RenameField({ title, onDone }: RenameFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  const finish = (next: string | undefined) => {
    // Whatever comes first: the field also loses the focus by being taken away.
    if (done.current) return;
    done.current = true;
    onDone(next?.trim() || undefined);
  };
  useEffect(() => {
    // Once the menu that opened it has given back the focus.
    const frame = requestAnimationFrame(() => input.current?.select());
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <form
      className="py-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        finish(input.current?.value);
      }}
    >
      <input
        ref={input}
        aria-label={text.renameLabel}
        defaultValue={title}
        maxLength={LONGEST_TITLE}
        enterKeyHint="done"
        autoComplete="off"
        onBlur={(event) => finish(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && finish(undefined)}
        className={controlLook}
      />
    </form>
  );
}
