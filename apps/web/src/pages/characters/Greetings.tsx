import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { IconButton } from "@/components/IconButton.tsx";
import { characters } from "@/strings/index.ts";

const text = characters.page;

/** What a character says first; one of them at a time, where there are several. */
export function Greetings({ greetings, name }: { greetings: string[]; name: string }) {
  const [at, setAt] = useState(0);
  const all = greetings.length;
  return (
    <section aria-labelledby="greeting" className="grid gap-4">
      <div className="flex min-h-10 items-center justify-between">
        <h2 id="greeting" className="text-2xl">
          {text.greeting}
        </h2>
        {all > 1 && (
          <div className="flex items-center text-sm text-ink-soft">
            <IconButton icon={ChevronLeft} label={text.previous} onClick={() => setAt((at + all - 1) % all)} />
            <span role="status">{text.greetingOf(at + 1, all)}</span>
            <IconButton icon={ChevronRight} label={text.next} onClick={() => setAt((at + 1) % all)} />
          </div>
        )}
      </div>
      {all === 0 ? (
        <p className="text-ink-soft italic">{text.noGreeting}</p>
      ) : (
        <blockquote
          key={at}
          cite={name}
          className="max-w-measure animate-appear border-l-2 border-accent pl-5 text-lg whitespace-pre-line"
        >
          {greetings[at]}
        </blockquote>
      )}
    </section>
  );
}
