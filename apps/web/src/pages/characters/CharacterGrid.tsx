import { clsx } from "clsx";
import type { ReactNode } from "react";
import { type PersonaFilter, usePersonas } from "@/api/personas.ts";
import { Loaded } from "@/components/Loaded.tsx";
import { LoadMore } from "@/components/LoadMore.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { CharacterCard } from "./CharacterCard.tsx";

const grid = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-4 sm:gap-6";

type CharacterGridProps = {
  filter?: PersonaFilter;
  /** How many to show at most; all of them where it is left out. */
  most?: number;
  /** The level of their names among the headings of the page. */
  heading?: "h2" | "h3";
  /** What stands here where there is nobody. */
  empty: ReactNode;
};

/** Characters to talk to. */
export function CharacterGrid({ filter, most, heading = "h2", empty }: CharacterGridProps) {
  const query = usePersonas(filter);
  return (
    <>
      <Loaded query={query} skeleton={<GridSkeleton />}>
        {(personas) =>
          personas.length === 0 ? (
            empty
          ) : (
            <ul
              aria-busy={query.isPlaceholderData}
              className={clsx(grid, "transition-opacity", query.isPlaceholderData && "opacity-60")}
            >
              {personas.slice(0, most).map((persona) => (
                <li key={persona.slug}>
                  <CharacterCard persona={persona} heading={heading} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {most === undefined && <LoadMore query={query} />}
    </>
  );
}

function GridSkeleton() {
  return (
    <Skeletons className={grid}>
      {["a", "b", "c", "d", "e", "f"].map((key) => (
        <Skeleton key={key} className="h-44 sm:h-100" />
      ))}
    </Skeletons>
  );
}
