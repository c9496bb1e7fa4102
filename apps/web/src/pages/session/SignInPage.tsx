import { Link, useSearch } from "@tanstack/react-router";
import { session, useSession } from "@/session/index.ts";
import { session as allText } from "@/strings/index.ts";
import { CredentialsForm } from "./CredentialsForm.tsx";
import type { Problems } from "./problems.ts";
import { SessionPage } from "./SessionPage.tsx";

export function SignInPage() {
  const text = allText.signIn;
  const search = useSearch({ from: "/signed-out/sign-in" });
  const { expired } = useSession();
  return (
    <SessionPage
      title={text.title}
      lead={text.lead}
      notice={expired ? text.expired : undefined}
      otherwise={
        <>
          {text.otherwise}{" "}
          <Link replace to="/register" search={search} className="link">
            {text.toRegister}
          </Link>
        </>
      }
    >
      <CredentialsForm
        submitLabel={text.submit}
        newPassword={false}
        check={({ email, password }): Problems => ({
          ...(email.trim() === "" && { email: allText.problems.email }),
          ...(password === "" && { password: allText.problems.password }),
        })}
        submit={(credentials) => session.signIn(credentials)}
      />
    </SessionPage>
  );
}
