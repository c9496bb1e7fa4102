import { Link } from "@tanstack/react-router";
import type { Persona } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";

/** A character among others, as a book on a table. */
export function CharacterCard({ persona }: { persona: Persona }) {
  return (
    <Link
      to="/characters/$slug"
      params={{ slug: persona.slug }}
      className="group flex h-full min-h-38 overflow-hidden rounded-lg border border-rule bg-sheet shadow-page transition hover:-translate-y-0.5 hover:border-accent hover:shadow-lifted"
    >
      <span className="w-26 shrink-0 border-r border-rule">
        <Avatar name={persona.name} picture={persona.avatar} size="cover" />
      </span>
      <span className="grid min-w-0 flex-1 content-center gap-1.5 p-4">
        <span className="text-lg leading-tight font-medium group-hover:text-accent">{persona.name}</span>
        <span className="line-clamp-4 text-sm leading-normal text-ink-soft">{persona.description}</span>
      </span>
    </Link>
  );
}
