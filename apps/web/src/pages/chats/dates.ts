// When things were, in words.
import { common, chats as text } from "@/strings/index.ts";

const DAY = 86_400_000;

const clock = new Intl.DateTimeFormat(common.locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(common.locale, { weekday: "long" });
const dayOfYear = new Intl.DateTimeFormat(common.locale, { day: "numeric", month: "short" });
const dayEver = new Intl.DateTimeFormat(common.locale, { day: "numeric", month: "short", year: "numeric" });
const month = new Intl.DateTimeFormat(common.locale, { month: "long", year: "numeric" });

/** Under which heading something of this time stands in a list, the newest first. */
export function dateHeading(time: Date, now: Date): string {
  const days = daysBefore(time, now);
  if (days <= 0) return text.days.today;
  if (days === 1) return text.days.yesterday;
  if (days < 7) return text.days.week;
  if (days < 30) return text.days.month;
  return month.format(time);
}

/** A time, as short as it can be and still be understood at this moment. */
export function shortTime(time: Date, now: Date): string {
  const days = daysBefore(time, now);
  if (days <= 0) return clock.format(time);
  if (days === 1) return text.days.yesterday;
  if (days < 7) return weekday.format(time);
  return time.getFullYear() === now.getFullYear() ? dayOfYear.format(time) : dayEver.format(time);
}

/** How many midnights lie between the two, where this browser is. */
function daysBefore(time: Date, now: Date): number {
  // Rounded, because days on which the clock is changed are an hour longer or shorter.
  return Math.round((midnight(now) - midnight(time)) / DAY);
}

function midnight(time: Date): number {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}
