import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { usePersona } from "@/api/personas.ts";
import type { WholePersona } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { ErrorState } from "@/components/ErrorState.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Spinner } from "@/components/Spinner.tsx";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { chats as text } from "@/strings/index.ts";
import { useStartChat } from "./useStartChat.ts";

/**
 * Where somebody comes who wanted to talk to a character and had to sign in first: begins that chat and goes there. It leaves
 * no trace in the history, so that going back begins no other one.
 */
export function NewChatPage() {
  const { with: slug } = useSearch({ from: "/signed-in/chats/new" });
  const navigate = useNavigate();
  useEffect(() => {
    if (slug === undefined) void navigate({ to: "/characters", replace: true });
  }, [slug, navigate]);
  return slug === undefined ? null : <Opening slug={slug} />;
}

function Opening({ slug }: { slug: string }) {
  return (
    <Loaded whole query={usePersona(slug)} skeleton={null}>
      {(persona) => <Begun persona={persona} />}
    </Loaded>
  );
}

function Begun({ persona }: { persona: WholePersona }) {
  const { mutate, error, isPending } = useStartChat({ replace: true, quiet: true });
  useEffect(() => {
    // Not in the effect itself, which development runs twice: one chat is enough.
    let left = false;
    queueMicrotask(() => left || mutate(persona));
    return () => {
      left = true;
    };
  }, [mutate, persona]);
  if (error !== null) return <ErrorState whole error={error} busy={isPending} onRetry={() => mutate(persona)} />;
  return (
    <div role="status" className="grid flex-1 place-content-center justify-items-center gap-5 px-4 text-center">
      <DocumentTitle title={text.opening.title} />
      <Avatar name={persona.name} picture={persona.avatar} size="large" />
      <PageHeading>{text.opening.title}</PageHeading>
      <p className="flex items-center gap-3 text-ink-soft">
        <Spinner />
        {text.opening.detail(persona.name)}
      </p>
    </div>
  );
}
