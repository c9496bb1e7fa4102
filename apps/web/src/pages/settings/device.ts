import { settings } from "@/strings/index.ts";

const text = settings.sessions;

// In this order: most browsers also call themselves what the others are.
const browsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "Mac"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/** What somebody signed in with, as people say it: "Firefox on Linux". Programs are called by the first word they say. */
export function deviceOf(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === "") return text.unknownDevice;
  const browser = named(browsers, userAgent);
  const system = named(systems, userAgent);
  if (browser !== undefined && system !== undefined) return text.on(browser, system);
  return browser ?? system ?? userAgent.trim().split(/[\s/]/)[0] ?? text.unknownDevice;
}

function named(patterns: [RegExp, string][], userAgent: string): string | undefined {
  return patterns.find(([pattern]) => pattern.test(userAgent))?.[1];
}
