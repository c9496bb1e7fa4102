import { errorOf } from "@raconteur/api";
import { expect, test } from "vitest";
import { explain, fieldErrors, isTemporary } from "./errors.ts";

test("every bad field is found under its own name, and nothing else is taken for one", () => {
  const error = errorOf(400, { detail: "email: no", code: "invalid", email: ["no", "and no"], password: ["short"] });
  expect(fieldErrors(error)).toEqual({ email: ["no", "and no"], password: ["short"] });
});

test("a failure of the server says under which number its log says more", () => {
  const { detail } = explain(errorOf(500, { detail: "Internal", code: "internal", request_id: "018f4e6a" }));
  expect(detail).toContain("018f4e6a");
});

test("what the server said about a refusal is passed on", () => {
  expect(explain(errorOf(400, { detail: "The title is too long.", code: "invalid" })).detail).toBe(
    "The title is too long.",
  );
});

test("an unreachable server may do better in a moment, a refusal will not", () => {
  expect(isTemporary(new TypeError("Failed to fetch"))).toBe(true);
  expect(isTemporary(errorOf(503, {}))).toBe(true);
  expect(isTemporary(errorOf(404, {}))).toBe(false);
});
