import { clsx } from "clsx";
import { useState } from "react";

type AvatarProps = {
  name: string;
  /** Its picture, below the server's address, or null where it has none. */
  picture: string | null;
  /** `cover` fills its box, as the picture on a book does. */
  size?: "small" | "normal" | "large" | "cover";
};

const sizes = {
  small: "size-8 rounded-full text-xs",
  normal: "size-11 rounded-full text-base",
  large: "size-24 rounded-full text-4xl",
  cover: "size-full text-6xl",
};

// Bookcloth: each dark enough for the same light letters, in both themes.
const cloths = ["#6d2b23", "#2f4a3c", "#2c3f5c", "#5a3a63", "#6b4a1f", "#3d4446"];

/** A face: the picture, or the initials on a cloth that is always the same for one name. */
export function Avatar({ name, picture, size = "normal" }: AvatarProps) {
  const [broken, setBroken] = useState<string>();
  const box = clsx("shrink-0 overflow-hidden", sizes[size]);
  if (picture !== null && picture !== broken) {
    return (
      <img
        src={picture}
        alt=""
        onError={() => setBroken(picture)}
        className={clsx(box, "bg-shade object-cover object-top")}
      />
    );
  }
  return (
    <span
      aria-hidden
      style={{ backgroundColor: cloths[hash(name) % cloths.length] }}
      className={clsx(box, "inline-grid place-items-center text-[#f4e6cc] select-none")}
    >
      <span className="italic">{initials(name)}</span>
    </span>
  );
}

/** The first letters of the first and the last word, as a reader counts letters. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map((word) => Array.from(word ?? "")[0]?.toLocaleUpperCase() ?? "").join("");
}

function hash(text: string): number {
  return Array.from(text).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
}
