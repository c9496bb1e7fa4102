import { expect, test } from "vitest";
import { chats as text } from "@/strings/index.ts";
import { dateHeading, shortTime } from "./dates.ts";

// All of these are local times, whatever the zone of the machine.
const now = new Date(2026, 2, 12, 0, 30);

test.each([
  [new Date(2026, 2, 12, 0, 29), text.days.today, "00:29"],
  // A minute before midnight is another day, however short ago it was.
  [new Date(2026, 2, 11, 23, 59), text.days.yesterday, text.days.yesterday],
  [new Date(2026, 2, 6, 12), text.days.week, "Friday"],
  [new Date(2026, 2, 5, 12), text.days.month, "Mar 5"],
  [new Date(2026, 0, 3, 12), "January 2026", "Jan 3"],
  [new Date(2025, 11, 31, 12), "December 2025", "Dec 31, 2025"],
])("%s stands under %j and is written %j", (time, heading, short) => {
  expect(dateHeading(time, now)).toBe(heading);
  expect(shortTime(time, now)).toBe(short);
});

test("what a server with a faster clock says of the future is today", () => {
  expect(dateHeading(new Date(2026, 2, 13, 0, 5), now)).toBe(text.days.today);
});
