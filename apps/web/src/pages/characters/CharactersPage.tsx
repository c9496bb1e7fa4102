import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ButtonLink } from "@/components/Button.tsx";
import { Choice } from "@/components/Choice.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SearchField } from "@/components/SearchField.tsx";
import { useDebounced } from "@/components/useDebounced.ts";
import { useSession } from "@/session/index.ts";
import { Page } from "@/shell/Page.tsx";
import { characters as text } from "@/strings/index.ts";
import { CharacterGrid } from "./CharacterGrid.tsx";
import { ImportButton } from "./import/ImportButton.tsx";
import { ImportZone } from "./import/ImportZone.tsx";

/** Everybody there is to talk to. Whoever is signed in can let in more: by writing them, or by dropping a card anywhere here. */
export function CharactersPage() {
  const { signedIn } = useSession();
  const page = <Gallery signedIn={signedIn} />;
  return signedIn ? <ImportZone>{page}</ImportZone> : page;
}

function Gallery({ signedIn }: { signedIn: boolean }) {
  const { sought, settled, setSought, mine, setMine } = useFilter();
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        signedIn && (
          <div className="flex flex-wrap gap-3">
            <ImportButton />
            <ButtonLink to="/characters/new" variant="primary">
              {text.create}
            </ButtonLink>
          </div>
        )
      }
    >
      <div className="mb-8 flex flex-wrap items-center gap-3">
        <SearchField
          label={text.search}
          value={sought}
          onChange={setSought}
          maxLength={500}
          className="min-w-0 flex-1 basis-60"
        />
        {signedIn && (
          <Choice
            hideLabel
            label={text.filter.label}
            value={mine ? "mine" : "all"}
            options={[
              { value: "all", label: text.filter.all },
              { value: "mine", label: text.filter.mine },
            ]}
            onChange={(value) => setMine(value === "mine")}
          />
        )}
      </div>
      <CharacterGrid filter={{ q: settled, mine: mine && signedIn }} empty={<Nobody mine={mine} sought={settled} />} />
    </Page>
  );
}

/** Whom to show. The address has it, too, so that going back from a character leads to the same ones. */
function useFilter() {
  const { q = "", mine = false } = useSearch({ from: "/characters" });
  const navigate = useNavigate({ from: "/characters" });
  const [sought, setSought] = useState(q);
  const settled = useDebounced(sought, 300).trim();
  useEffect(() => {
    void navigate({ search: ({ q: _, ...rest }) => (settled === "" ? rest : { ...rest, q: settled }), replace: true });
  }, [settled, navigate]);
  const setMine = (only: boolean) =>
    void navigate({ search: ({ mine: _, ...rest }) => (only ? { ...rest, mine: true } : rest), replace: true });
  return { sought, settled, setSought, mine, setMine };
}

function Nobody({ mine, sought }: { mine: boolean; sought: string }) {
  if (sought !== "") return <EmptyState {...text.nobodyFound} />;
  if (!mine) return <EmptyState {...text.empty} />;
  return (
    <EmptyState {...text.mineEmpty}>
      <ButtonLink to="/characters/new" variant="primary">
        {text.create}
      </ButtonLink>
    </EmptyState>
  );
}
