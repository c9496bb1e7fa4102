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
};

/** Begins a chat with a character. Whoever has no account makes one first, and comes to the chat from there. */
export function TalkButton({ persona, variant = "primary", size = "normal" }: TalkButtonProps) {
  const { signedIn } = useSession();
  const start = useStartChat();
  const label = (
    <>
      <MessageCircle aria-hidden className="size-4.5" strokeWidth={1.75} />
      {text.talk(persona.name)}
    </>
  );
  if (!signedIn) {
    const next = `/chats/new?with=${encodeURIComponent(persona.slug)}`;
    return (
      <ButtonLink to="/register" search={{ next }} variant={variant} size={size}>
        {label}
      </ButtonLink>
    );
  }
  return (
    <Button variant={variant} size={size} busy={start.isPending} onClick={() => start.mutate(persona)}>
      {label}
    </Button>
  );
}
