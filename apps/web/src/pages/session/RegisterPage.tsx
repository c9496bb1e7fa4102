import { Link, useSearch } from "@tanstack/react-router";
import { session } from "@/session/index.ts";
import { session as allText } from "@/strings/index.ts";
import { CredentialsForm } from "./CredentialsForm.tsx";
import type { Problems } from "./problems.ts";
import { SessionPage } from "./SessionPage.tsx";

const LEAST_PASSWORD = 8;

export function RegisterPage() {
  const text = allText.register;
  const search = useSearch({ from: "/signed-out/register" });
  return (
    <SessionPage
      title={text.title}
      lead={text.lead}
      otherwise={
        <>
          {text.otherwise}{" "}
          <Link replace to="/sign-in" search={search} className="link">
            {text.toSignIn}
          </Link>
        </>
      }
    >
      <CredentialsForm
        submitLabel={text.submit}
        newPassword
        passwordHint={text.passwordHint}
        check={({ email, password }): Problems => ({
          ...(email.trim() === "" && { email: allText.problems.email }),
          // Counted as the server counts: in code points.
          ...(Array.from(password).length < LEAST_PASSWORD && { password: allText.problems.shortPassword }),
        })}
        submit={(credentials) => session.register(credentials)}
      />
    </SessionPage>
  );
}
