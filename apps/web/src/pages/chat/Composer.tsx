import { clsx } from "clsx";
import { ArrowUp, Square } from "lucide-react";
import { type FormEvent, type KeyboardEvent, type RefObject, useEffect, useId, useState } from "react";
import { Switch } from "@/components/Switch.tsx";
import { TextArea } from "@/components/TextArea.tsx";
import { chat as text } from "@/strings/index.ts";
import { useChat } from "./context.ts";
import { draftOf, keepDraft, watchDraft } from "./drafts.ts";
import { asOoc } from "./ooc.ts";

/** What the server takes, in code points. */
const LONGEST = 100_000;

type ComposerProps = {
  box: RefObject<HTMLTextAreaElement | null>;
  /** Whether a reply is being written: then the button stops it. */
  running: boolean;
  /** Whether the last prompt is on its way: the next one is to follow its reply. */
  sending: boolean;
  onSend: (prompt: string) => void;
  onStop: () => void;
};

/** Where one writes. What is written is kept until it is sent, whatever happens to the page. */
export function Composer({ box, running, sending, onSend, onStop }: ComposerProps) {
  const { id, character } = useChat();
  const [words, setWords] = useState(() => draftOf(id));
  const [ooc, setOoc] = useState(false);
  const hint = useId();
  const over = excess(words);
  const sendable = !running && !sending && over === 0 && words.trim() !== "";

  useEffect(() => watchDraft(id, setWords), [id]);

  const write = (next: string) => {
    setWords(next);
    keepDraft(id, next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!sendable) return;
    write("");
    setOoc(false);
    onSend(ooc ? asOoc(words) : words);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Enter while a word is being put together, in Japanese say, belongs to that word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };

  return (
    <form
      onSubmit={submit}
      className="relative z-10 px-3 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6 sm:pb-5"
    >
      <div className="mx-auto max-w-2xl rounded-2xl border border-edge bg-sheet shadow-page transition-colors focus-within:border-accent">
        <TextArea
          ref={box}
          aria-label={text.compose.label(character.name)}
          aria-describedby={hint}
          placeholder={ooc ? text.compose.placeholderOoc : text.compose.placeholder(character.name)}
          value={words}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          className="block max-h-[40dvh] min-h-12 w-full bg-transparent px-4 pt-3 pb-1 outline-none"
        />
        <div className="flex items-end gap-3 px-3 pb-2.5">
          <div className="min-w-0 flex-1 text-sm text-ink-soft">
            <Switch
              label={text.compose.ooc}
              hint={ooc ? text.compose.oocHint : undefined}
              checked={ooc}
              onChange={setOoc}
            />
          </div>
          <p id={hint} className="sr-only">
            {text.compose.keys}
          </p>
          <p role="status" className="self-center text-right text-sm text-danger">
            {over > 0 && text.compose.tooLong(over)}
          </p>
          <RoundButton running={running} sendable={sendable} onStop={onStop} />
        </div>
      </div>
    </form>
  );
}

function RoundButton({ running, sendable, onStop }: { running: boolean; sendable: boolean; onStop: () => void }) {
  const label = running ? text.compose.stop : text.compose.send;
  const Icon = running ? Square : ArrowUp;
  return (
    <button
      // Another button, so that a second click on Send does not stop what the first one has begun.
      key={label}
      type={running ? "button" : "submit"}
      aria-label={label}
      title={label}
      aria-disabled={!running && !sendable}
      {...(running && { onClick: onStop })}
      className={clsx(
        "grid size-10 shrink-0 place-items-center rounded-full transition-colors",
        running && "border border-edge bg-sheet text-ink hover:border-danger hover:text-danger",
        !running && (sendable ? "bg-accent text-on-accent hover:bg-accent-strong" : "bg-shade text-ink-soft"),
      )}
    >
      <Icon aria-hidden className={running ? "size-4 fill-current" : "size-5"} strokeWidth={2} />
    </button>
  );
}

/** How many code points there are too many. */
function excess(words: string): number {
  return words.length <= LONGEST ? 0 : Math.max(0, Array.from(words).length - LONGEST);
}
