import { usePersonas } from "@/api/personas.ts";
import { ButtonLink } from "@/components/Button.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { CharacterGrid } from "@/pages/characters/CharacterGrid.tsx";
import { useSession } from "@/session/index.ts";
import { DocumentTitle } from "@/shell/Page.tsx";
import { characters, common, home as text } from "@/strings/index.ts";
import { Frontispiece } from "./Frontispiece.tsx";
import { LatestChats } from "./LatestChats.tsx";
import { Promises } from "./Promises.tsx";
import { Welcome } from "./Welcome.tsx";

const MOST = 8;

/** What this is, and whom there is to talk to. Whoever was here before finds what they were reading. */
export function HomePage() {
  const { signedIn } = useSession();
  return (
    <div className="mx-auto grid w-full max-w-6xl grid-cols-1 gap-14 px-4 py-10 sm:gap-20 sm:px-8 sm:py-16">
      <DocumentTitle title={common.appName} />
      {signedIn ? (
        <div className="grid grid-cols-1 gap-8">
          <Welcome />
          <LatestChats />
        </div>
      ) : (
        <Frontispiece />
      )}
      <section aria-labelledby="cast" className="grid gap-6">
        <div className="flex flex-wrap items-end justify-between gap-4">
          <div>
            <h2 id="cast" className="text-2xl sm:text-3xl">
              {text.cast}
            </h2>
            <p className="mt-1 text-ink-soft">{text.castLead}</p>
          </div>
          <AllCharacters />
        </div>
        <CharacterGrid most={MOST} heading="h3" empty={<EmptyState {...characters.empty} />} />
      </section>
      {!signedIn && <Promises />}
    </div>
  );
}

function AllCharacters() {
  const { data: personas = [] } = usePersonas();
  if (personas.length <= MOST) return null;
  return <ButtonLink to="/characters">{text.allCharacters}</ButtonLink>;
}
