import { useParams } from "@tanstack/react-router";
import { usePersona } from "@/api/personas.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { Page } from "@/shell/Page.tsx";

export function CharacterPage() {
  const { slug } = useParams({ from: "/characters/$slug" });
  return (
    <Loaded whole query={usePersona(slug)} skeleton={<CharacterSkeleton />}>
      {(persona) => (
        <Page title={persona.full_name ?? persona.name} lead={persona.description} width="measure">
          <div className="flex flex-wrap gap-6">
            <Avatar name={persona.name} picture={persona.avatar} size="large" />
            <p className="drop-cap min-w-60 flex-1 text-lg">{persona.greetings[0]}</p>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function CharacterSkeleton() {
  return (
    <Skeletons className="mx-auto grid w-full max-w-2xl gap-4 px-4 py-8 sm:px-8 sm:py-12">
      <Skeleton className="h-10 w-2/3" />
      <Skeleton className="h-6" />
      <Skeleton className="h-32" />
    </Skeletons>
  );
}
