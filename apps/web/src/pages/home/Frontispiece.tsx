import { clsx } from "clsx";
import { usePersonas } from "@/api/personas.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { ButtonLink } from "@/components/Button.tsx";
import { Ornament } from "@/components/Ornament.tsx";
import { PageHeading } from "@/shell/Page.tsx";
import { home as text } from "@/strings/index.ts";

/** What a visitor sees first: what this is, and some of the company. */
export function Frontispiece() {
  return (
    <header className="grid items-center gap-10 lg:grid-cols-[1.15fr_1fr] lg:gap-16">
      <div className="grid justify-items-center gap-6 text-center lg:justify-items-start lg:text-left">
        <Ornament />
        <PageHeading className="sm:text-5xl xl:text-6xl">{text.title}</PageHeading>
        <p className="max-w-measure text-lg text-ink-soft">{text.lead}</p>
        <div className="flex flex-wrap justify-center gap-3">
          <ButtonLink to="/register" variant="primary">
            {text.register}
          </ButtonLink>
          <ButtonLink to="/characters">{text.browse}</ButtonLink>
        </div>
      </div>
      <Portraits />
    </header>
  );
}

const places = [
  "z-10 -rotate-6 translate-x-[18%] translate-y-[6%]",
  "z-20",
  "z-10 rotate-6 -translate-x-[18%] translate-y-[6%]",
];

/** Three of the company, as cards in a hand. The box is there before they are, so that nothing moves. */
function Portraits() {
  const { data: personas = [] } = usePersonas();
  const shown = personas.filter(({ avatar }) => avatar !== null).slice(0, places.length);
  return (
    <div aria-hidden className="mx-auto flex aspect-5/3 w-full max-w-md overflow-x-clip items-center justify-center">
      {shown.map((persona, at) => (
        <div
          key={persona.slug}
          className={clsx(
            "aspect-3/4 w-[38%] shrink-0 animate-appear overflow-hidden rounded-lg border-4 border-sheet shadow-lifted",
            places[at],
          )}
        >
          <Avatar name={persona.name} picture={persona.avatar} size="cover" />
        </div>
      ))}
    </div>
  );
}
