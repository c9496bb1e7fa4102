import { ButtonLink } from "@/components/Button.tsx";
import { Ornament } from "@/components/Ornament.tsx";
import { CharacterGrid } from "@/pages/characters/CharacterGrid.tsx";
import { useSession } from "@/session/index.ts";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { common, home as text } from "@/strings/index.ts";

export function HomePage() {
  const { signedIn } = useSession();
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-12 sm:px-8 sm:py-20">
      <DocumentTitle title={common.appName} />
      <header className="mx-auto mb-14 grid max-w-2xl justify-items-center gap-6 text-center">
        <Ornament />
        <PageHeading className="sm:text-5xl">{text.title}</PageHeading>
        <p className="text-lg text-ink-soft">{text.lead}</p>
        <div className="flex flex-wrap justify-center gap-3">
          {signedIn ? (
            <ButtonLink to="/chats" variant="primary">
              {text.chats}
            </ButtonLink>
          ) : (
            <ButtonLink to="/register" variant="primary">
              {text.register}
            </ButtonLink>
          )}
          <ButtonLink to="/characters">{text.browse}</ButtonLink>
        </div>
      </header>
      <CharacterGrid />
    </div>
  );
}
