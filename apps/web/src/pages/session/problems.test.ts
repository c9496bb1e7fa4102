import { errorOf } from "@raconteur/api";
import { expect, test } from "vitest";
import { session as text } from "@/strings/index.ts";
import { problemsOf } from "./problems.ts";

test("what the server says about a field stands beside that field", () => {
  const error = errorOf(400, { detail: "password: Too long.", code: "invalid", password: ["Too long.", "Too odd."] });
  expect(problemsOf(error)).toEqual({ password: "Too long. Too odd." });
});

test("an address that is taken is the address's problem", () => {
  expect(problemsOf(errorOf(400, { detail: "email already registered", code: "email_taken" }))).toEqual({
    email: text.problems.emailTaken,
  });
});

test("which of the two is wrong is not told: the server does not tell it either", () => {
  expect(problemsOf(errorOf(400, { detail: "invalid credentials", code: "invalid_credentials" }))).toEqual({
    form: text.problems.invalidCredentials,
  });
});

test("a server that cannot be reached is nobody's field", () => {
  expect(Object.keys(problemsOf(new TypeError("Failed to fetch")))).toEqual(["form"]);
});
