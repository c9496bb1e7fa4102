import { useMe } from "@/api/me.ts";
import { Button } from "@/components/Button.tsx";
import { useSignOut } from "@/session/useSignOut.ts";
import { Page } from "@/shell/Page.tsx";
import { session, settings as text } from "@/strings/index.ts";
import { ThemeChoice } from "@/theme/ThemeChoice.tsx";

export function SettingsPage() {
  const { data: me } = useMe();
  const signOut = useSignOut();
  return (
    <Page title={text.title} width="measure">
      <div className="grid gap-10">
        <section className="grid gap-4">
          <h2 className="text-xl">{text.appearance}</h2>
          <ThemeChoice />
        </section>
        <section className="grid justify-items-start gap-4">
          <h2 className="text-xl">{text.account}</h2>
          <p className="min-h-6 text-ink-soft">{me?.email}</p>
          <Button onClick={() => void signOut()}>{session.signOut}</Button>
        </section>
      </div>
    </Page>
  );
}
