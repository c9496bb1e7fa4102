import { ApiError } from "@raconteur/api";
import { explain, fieldErrors } from "@/api/errors.ts";
import { session } from "@/strings/index.ts";

const text = session.problems;

/** What is wrong, beside which field; `form` with all of it. */
export type Problems = { email?: string; password?: string; form?: string };

/** What was entered cannot be right, which needs no server. */
export class InvalidCredentials extends Error {
  constructor(readonly problems: Problems) {
    super("The credentials are incomplete.");
  }
}

/** What a failed attempt to sign in or to register says about which field. It always says something. */
export function problemsOf(error: unknown): Problems {
  if (error instanceof InvalidCredentials) return error.problems;
  if (error instanceof ApiError && error.code === "email_taken") return { email: text.emailTaken };
  if (error instanceof ApiError && error.code === "invalid_credentials") return { form: text.invalidCredentials };
  const { email, password } = fieldErrors(error);
  const problems: Problems = {
    ...(email && { email: email.join(" ") }),
    ...(password && { password: password.join(" ") }),
  };
  return Object.keys(problems).length > 0 ? problems : { form: explain(error).detail };
}
