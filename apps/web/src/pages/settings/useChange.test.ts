import { errorOf } from "@raconteur/api";
import { expect, test } from "vitest";
import { problemsOf } from "./useChange.ts";

test("what the server says about a field stands beside that field", () => {
  const error = errorOf(400, { detail: "…", code: "invalid", current_password: ["This is not your password."] });
  expect(problemsOf(error)).toEqual({ current_password: "This is not your password." });
});

test("whatever else goes wrong is said for the whole form", () => {
  expect(problemsOf(errorOf(429, { detail: "Wait a minute." }))).toEqual({ form: "Wait a minute." });
  expect(problemsOf(new TypeError("Failed to fetch")).form).toBeTruthy();
});
