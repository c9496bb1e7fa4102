import { errorOf } from "@raconteur/api";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Credentials } from "@/session/index.ts";
import { session as text } from "@/strings/index.ts";
import { CredentialsForm } from "./CredentialsForm.tsx";

/** The form for new accounts, on a server that answers so. */
function show(submit: (credentials: Credentials) => Promise<void>) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CredentialsForm
        submitLabel="Go"
        newPassword
        check={({ email }) => (email === "" ? { email: text.problems.email } : {})}
        submit={submit}
      />
    </QueryClientProvider>,
  );
  return { email: screen.getByLabelText(text.email), password: screen.getByLabelText(text.password) };
}

/** What a screen reader adds to the name of a control. */
function description(control: HTMLElement): string {
  const ids = control.getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(" ");
}

test("Enter in a field sends both as they were typed", async () => {
  const sent: Credentials[] = [];
  const { email, password } = show(async (credentials) => void sent.push(credentials));
  await userEvent.type(email, "Ada@example.org");
  await userEvent.type(password, " correct horse {Enter}");
  expect(sent).toEqual([{ email: "Ada@example.org", password: " correct horse " }]);
});

test("what is missing is said beside its field, which takes the focus, and the server is not asked", async () => {
  const sent: Credentials[] = [];
  const { email } = show(async (credentials) => void sent.push(credentials));
  await userEvent.click(screen.getByRole("button", { name: "Go" }));
  await screen.findByText(text.problems.email);
  expect(description(email)).toBe(text.problems.email);
  expect(document.activeElement).toBe(email);
  expect(sent).toEqual([]);
});

test("what the server says about the password stands beside the password, and what was typed stays", async () => {
  const { email, password } = show(() =>
    Promise.reject(errorOf(400, { detail: "password: Too common.", code: "invalid", password: ["Too common."] })),
  );
  await userEvent.type(email, "ada@example.org");
  await userEvent.type(password, "password{Enter}");
  await screen.findByText("Too common.");
  expect(description(password)).toBe("Too common.");
  expect(document.activeElement).toBe(password);
  expect(password).toHaveProperty("value", "password");
});
