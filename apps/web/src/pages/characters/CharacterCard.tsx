import { Link } from "@tanstack/react-router";
import { Lock, Users } from "lucide-react";
import type { Persona } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { TalkButton } from "@/pages/chats/TalkButton.tsx";
import { characters as text } from "@/strings/index.ts";
import { withNames } from "./macros.ts";

type CharacterCardProps = {
  persona: Persona;
  /** The level of its name among the headings of the page. */
  heading?: "h2" | "h3";
};

/** A character among others, as a book on a table: its name leads to its page, and a button straight into a chat. */
export function CharacterCard({ persona, heading: Heading = "h2" }: CharacterCardProps) {
  return (
    <article className="group relative flex h-full overflow-hidden rounded-lg border border-rule bg-sheet shadow-page transition hover:-translate-y-0.5 hover:border-accent hover:shadow-lifted sm:flex-col">
      <div className="w-26 shrink-0 overflow-hidden border-r border-rule sm:aspect-5/4 sm:w-full sm:border-r-0 sm:border-b">
        <Avatar name={persona.name} picture={persona.avatar} size="cover" />
      </div>
      <div className="flex min-w-0 flex-1 flex-col gap-2 p-4">
        <div>
          <Heading className="text-xl leading-tight">
            <Link
              to="/characters/$slug"
              params={{ slug: persona.slug }}
              className="outline-none group-hover:text-accent after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
            >
              {persona.name}
            </Link>
          </Heading>
          {persona.mine && <Whose visibility={persona.visibility} />}
        </div>
        <p className="line-clamp-3 flex-1 text-[0.9375rem] leading-normal text-ink-soft">
          {persona.description && withNames(persona.description, { char: persona.name, user: text.page.somebody })}
        </p>
        <div className="relative z-10 pt-1">
          <TalkButton persona={persona} variant="quiet" size="small" brief />
        </div>
      </div>
    </article>
  );
}

function Whose({ visibility }: Pick<Persona, "visibility">) {
  const Icon = visibility === "public" ? Users : Lock;
  return (
    <p className="mt-1 flex items-center gap-1.5 text-sm text-ink-soft">
      <Icon aria-hidden className="size-3.5" strokeWidth={1.75} />
      {text.visibility[visibility]}
    </p>
  );
}
