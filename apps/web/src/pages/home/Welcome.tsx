import { useMe } from "@/api/me.ts";
import { PageHeading } from "@/shell/Page.tsx";
import { home as text } from "@/strings/index.ts";
import { greetingAt } from "./greeting.ts";

/** Greets whoever is signed in. */
export function Welcome() {
  const { data: me } = useMe();
  return (
    <header>
      <PageHeading>{text.greet(greetingAt(new Date().getHours()), me?.display_name ?? "")}</PageHeading>
      <p className="mt-2 text-lg text-ink-soft">{text.welcomeBack}</p>
    </header>
  );
}
