import { usePersonas } from "@/api/personas.ts";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { characters as text } from "@/strings/index.ts";
import { CharacterCard } from "./CharacterCard.tsx";

const grid = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,17rem),1fr))] gap-5";

/** Everybody there is to talk to. */
export function CharacterGrid() {
  return (
    <Loaded query={usePersonas()} skeleton={<GridSkeleton />}>
      {(personas) =>
        personas.length === 0 ? (
          <EmptyState {...text.empty} />
        ) : (
          <ul className={grid}>
            {personas.map((persona) => (
              <li key={persona.slug}>
                <CharacterCard persona={persona} />
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function GridSkeleton() {
  return (
    <Skeletons className={grid}>
      {["a", "b", "c", "d", "e", "f"].map((key) => (
        <Skeleton key={key} className="h-38" />
      ))}
    </Skeletons>
  );
}
