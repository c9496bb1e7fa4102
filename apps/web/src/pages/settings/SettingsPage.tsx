import { useMe } from "@/api/me.ts";
import { useSessions } from "@/api/sessions.ts";
import type { Me } from "@/api/types.ts";
import { Button } from "@/components/Button.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { useSignOut } from "@/session/useSignOut.ts";
import { Page } from "@/shell/Page.tsx";
import { session, settings as text } from "@/strings/index.ts";
import { ThemeChoice } from "@/theme/ThemeChoice.tsx";
import { DeleteAccount } from "./DeleteAccount.tsx";
import { EmailForm } from "./EmailForm.tsx";
import { EndAllSessions } from "./EndAllSessions.tsx";
import { ExportEverything } from "./ExportEverything.tsx";
import { PasswordForm } from "./PasswordForm.tsx";
import { ProfileForm } from "./ProfileForm.tsx";
import { Sessions } from "./Sessions.tsx";
import { SettingsSection } from "./SettingsSection.tsx";

/** Who one is to the characters, how the app looks, and what becomes of one's account. */
export function SettingsPage() {
  const me = useMe();
  return (
    <Page title={text.title} width="measure">
      <div className="grid gap-12">
        <SettingsSection title={text.appearance}>
          <ThemeChoice />
        </SettingsSection>
        <Loaded query={me} skeleton={<SettingsSkeleton />}>
          {(person) => (
            <>
              <SettingsSection title={text.profile.title} lead={text.profile.lead}>
                <ProfileForm key={person.id} me={person} />
              </SettingsSection>
              <Account me={person} />
            </>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

/** What concerns the account: its address and password, where it is used, and what becomes of it. */
function Account({ me }: { me: Me }) {
  const sessions = useSessions();
  const signOut = useSignOut();
  return (
    <>
      <SettingsSection title={text.email.title} lead={text.email.lead(me.email)}>
        <EmailForm />
      </SettingsSection>
      <SettingsSection title={text.password.title} lead={text.password.lead}>
        <PasswordForm email={me.email} />
      </SettingsSection>
      <SettingsSection title={text.sessions.title} lead={text.sessions.lead}>
        <Loaded query={sessions} skeleton={<SettingsSkeleton />}>
          {(list) => <Sessions sessions={list} />}
        </Loaded>
        <div className="flex flex-wrap gap-3">
          <Button onClick={() => void signOut()}>{session.signOut}</Button>
          <EndAllSessions />
        </div>
      </SettingsSection>
      <SettingsSection title={text.export.title} lead={text.export.lead}>
        <ExportEverything />
      </SettingsSection>
      <SettingsSection title={text.delete.title} lead={text.delete.lead}>
        <DeleteAccount email={me.email} />
      </SettingsSection>
    </>
  );
}

function SettingsSkeleton() {
  return (
    <Skeletons className="grid gap-3">
      <Skeleton className="h-12" />
      <Skeleton className="h-24" />
    </Skeletons>
  );
}
