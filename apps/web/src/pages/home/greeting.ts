import { home } from "@/strings/index.ts";

const text = home.greetings;

/** How to greet somebody at this hour, from 0 to 23. */
export function greetingAt(hour: number): string {
  if (hour < 5) return text.night;
  if (hour < 12) return text.morning;
  if (hour < 18) return text.day;
  return text.evening;
}
