import type { components } from "@raconteur/api";
import { Avatar } from "@/components/Avatar.tsx";
import { chat as text } from "@/strings/index.ts";
import { useChat } from "./context.ts";

type EmptyChatProps = {
  persona: Pick<components["schemas"]["WholePersona"], "full_name" | "description" | "examples"> | undefined;
  /** Puts a line into the box where one writes. */
  onOpener: (words: string) => void;
};

/** Before the first word: who is there, and how one might begin. */
export function EmptyChat({ persona, onOpener }: EmptyChatProps) {
  const { name, avatar } = useChat().character;
  const openers = persona?.examples.slice(0, 3).map(({ user }) => user) ?? [];
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="m-auto grid max-w-md justify-items-center gap-4 px-4 py-10 text-center">
        <Avatar name={name} picture={avatar} size="large" />
        <h2 className="text-2xl">{persona?.full_name ?? name}</h2>
        <p className="text-ink-soft">{persona?.description ?? text.empty.detail(name)}</p>
        {openers.length > 0 && (
          <div className="mt-4 grid justify-items-center gap-2">
            <p className="eyebrow">{text.empty.openers}</p>
            {openers.map((opener) => (
              <button
                key={opener}
                type="button"
                onClick={() => onOpener(opener)}
                className="rounded-2xl border border-rule bg-sheet px-4 py-2 text-[0.9375rem] italic transition-colors hover:border-accent hover:text-accent"
              >
                {opener}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
