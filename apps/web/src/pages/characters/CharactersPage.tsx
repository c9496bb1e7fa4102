import { ButtonLink } from "@/components/Button.tsx";
import { useSession } from "@/session/index.ts";
import { Page } from "@/shell/Page.tsx";
import { characters as text } from "@/strings/index.ts";
import { CharacterGrid } from "./CharacterGrid.tsx";

export function CharactersPage() {
  const { signedIn } = useSession();
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={signedIn && <ButtonLink to="/characters/new">{text.create}</ButtonLink>}
    >
      <CharacterGrid />
    </Page>
  );
}
