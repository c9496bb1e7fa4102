import { MessageCircle } from "lucide-react";
import type { Persona } from "@/api/types.ts";
import { Button, ButtonLink } from "@/components/Button.tsx";
import { useSession } from "@/session/index.ts";
import { chats as text } from "@/strings/index.ts";
import { useStartChat } from "./useStartChat.ts";

type TalkButtonProps = {
  persona: Pick<Persona, "slug" | "name">;
  variant?: "primary" | "quiet";
  size?: "small" | "normal";
  /** Whether the name stands beside it already, and is only read out. */
  brief?: boolean;
};

/** Begins a chat with a character. Whoever has no account makes one first, and comes to the chat from there. */
export function TalkButton({ persona, variant = "primary", size = "normal", brief = false }: TalkButtonProps) {
  const { signedIn } = useSession();
  const start = useStartChat();
  const label = (
    <>
      <MessageCircle aria-hidden className="size-4.5" strokeWidth={1.75} />
      {brief ? text.talkBriefly : text.talk(persona.name)}
    </>
  );
  if (!signedIn) {
    const next = `/chats/new?with=${encodeURIComponent(persona.slug)}`;
    return (
      <ButtonLink to="/register" search={{ next }} aria-label={text.talk(persona.name)} variant={variant} size={size}>
        {label}
      </ButtonLink>
    );
  }
  return (
    <Button
      variant={variant}
      size={size}
      aria-label={text.talk(persona.name)}
      busy={start.isPending}
      onClick={() => start.mutate(persona)}
    >
      {label}
    </Button>
  );
}
