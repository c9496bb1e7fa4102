// Drafts that are not saved yet, on this device: one for each person and character. Another person's are not shown to anybody.
import type { Draft } from "./draft.ts";

/** Under which name a draft is kept. */
export function draftKey(person: string, slug: string | undefined): string {
  return `raconteur.draft.${person}.${slug ?? ""}`;
}

/** The draft that was kept, if there is one and it can be read. */
export function keptDraft(key: string, blank: Draft): Draft | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (typeof kept !== "object" || kept === null) return undefined;
    // A version before this one may have kept fewer fields, or had others.
    const known = Object.entries(kept).filter(([field]) => field in blank);
    return { ...blank, ...Object.fromEntries(known) };
  } catch {
    return undefined;
  }
}

/** Keeps a draft. Answers whether there was room for it. */
export function keepDraft(key: string, draft: Draft): boolean {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function forgetDraft(key: string): void {
  localStorage.removeItem(key);
}
