import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const tokens = readFileSync("src/styles/tokens.css", "utf8");

/** The value of a token in a theme. */
function colour(name: string, theme: "light" | "dark"): string {
  const pair = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(tokens);
  const value = pair?.[theme === "light" ? 1 : 2];
  if (value === undefined) throw new Error(`tokens.css has no pair of colours called ${name}`);
  return value;
}

/** WCAG 2's relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ["shade", "paper", "sheet"];
const texts = ["ink", "ink-soft", "accent", "accent-strong", "danger", "success"];
const pairs = [
  ...texts.flatMap((text) => grounds.map((ground) => [text, ground, 4.5] as const)),
  ...grounds.map((ground) => ["edge", ground, 3] as const),
  ["on-accent", "accent", 4.5] as const,
  ["on-accent", "accent-strong", 4.5] as const,
  ["on-danger", "danger", 4.5] as const,
  ["ink", "accent-wash", 4.5] as const,
  ["accent", "accent-wash", 4.5] as const,
  ["ink", "danger-wash", 4.5] as const,
  ["danger", "danger-wash", 4.5] as const,
];

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  test.each(pairs)("%s on %s has a contrast of %d or more", (text, ground, least) => {
    expect(contrast(colour(text, theme), colour(ground, theme))).toBeGreaterThanOrEqual(least);
  });
});
