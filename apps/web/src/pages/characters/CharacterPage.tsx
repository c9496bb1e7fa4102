import { useParams } from "@tanstack/react-router";
import { usePersona } from "@/api/personas.ts";
import type { WholePersona } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { ButtonLink } from "@/components/Button.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Ornament } from "@/components/Ornament.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { TalkButton } from "@/pages/chats/TalkButton.tsx";
import { useSession } from "@/session/index.ts";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { characters } from "@/strings/index.ts";
import { CharacterMenu } from "./CharacterMenu.tsx";
import { ChatsWith } from "./ChatsWith.tsx";
import { Description } from "./Description.tsx";
import { Examples } from "./Examples.tsx";
import { Greetings } from "./Greetings.tsx";

const text = characters.page;

/** Who somebody is, how they talk, and what one has said to each other so far. */
export function CharacterPage() {
  const { slug } = useParams({ from: "/characters/$slug" });
  const { signedIn } = useSession();
  return (
    <Loaded whole query={usePersona(slug)} skeleton={<CharacterSkeleton />}>
      {(persona) => (
        <article className="mx-auto grid w-full max-w-4xl grid-cols-1 gap-10 px-4 py-8 sm:px-8 sm:py-12">
          <TitlePage persona={persona} />
          <Greetings greetings={persona.greetings} name={persona.name} />
          {persona.examples.length > 0 && <Examples examples={persona.examples} name={persona.name} />}
          {signedIn && <ChatsWith name={persona.name} picture={persona.avatar} />}
          {persona.notice && (
            <section className="grid gap-2 border-t border-rule pt-6 text-ink-soft">
              <h2 className="eyebrow">{text.notice}</h2>
              <p className="text-[0.9375rem] whitespace-pre-line">{persona.notice}</p>
            </section>
          )}
        </article>
      )}
    </Loaded>
  );
}

function TitlePage({ persona }: { persona: WholePersona }) {
  const { name, full_name: fullName, mine, visibility } = persona;
  return (
    <header className="grid gap-6 sm:grid-cols-[15rem_1fr] sm:gap-10">
      <DocumentTitle title={name} />
      <div className="aspect-square w-44 overflow-hidden rounded-lg border border-rule shadow-lifted sm:w-full">
        <Avatar name={name} picture={persona.avatar} size="cover" />
      </div>
      <div className="grid content-center justify-items-start gap-4">
        <div>
          <p className="eyebrow">{mine ? text.by.mine : visibility === "public" && text.by.public}</p>
          <PageHeading className="sm:text-5xl">{fullName ?? name}</PageHeading>
        </div>
        {persona.description && <Description name={name}>{persona.description}</Description>}
        <Facts persona={persona} />
        <div className="flex flex-wrap items-center gap-3">
          <TalkButton persona={persona} />
          {mine && (
            <ButtonLink to="/characters/$slug/edit" params={{ slug: persona.slug }}>
              {text.edit}
            </ButtonLink>
          )}
          <CharacterMenu persona={persona} />
        </div>
      </div>
      <Ornament className="mt-2 justify-self-center sm:col-span-2" />
    </header>
  );
}

function Facts({ persona: { entries, aliases, tags } }: { persona: WholePersona }) {
  return (
    <div className="grid gap-2 text-[0.9375rem] text-ink-soft">
      {entries > 0 && <p>{text.knows(entries)}</p>}
      {aliases.length > 0 && <p>{text.aliases(aliases.join(", "))}</p>}
      {tags.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {tags.map((tag) => (
            <li key={tag} className="rounded-full border border-rule bg-sheet px-2.5 py-0.5 text-sm">
              {tag}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function CharacterSkeleton() {
  return (
    <Skeletons className="mx-auto grid w-full max-w-4xl gap-6 px-4 py-8 sm:grid-cols-[15rem_1fr] sm:gap-10 sm:px-8 sm:py-12">
      <Skeleton className="aspect-square w-44 sm:w-full" />
      <span className="grid content-center gap-4">
        <Skeleton className="h-12 w-2/3" />
        <Skeleton className="h-20" />
        <Skeleton className="h-11 w-40" />
      </span>
      <Skeleton className="h-40 sm:col-span-2" />
    </Skeletons>
  );
}
