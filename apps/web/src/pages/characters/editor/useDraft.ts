import { useEffect, useRef, useState } from "react";
import type { Draft } from "./draft.ts";
import { forgetDraft, keepDraft, keptDraft } from "./keptDrafts.ts";

const KEEP_AFTER_MS = 300;

/** Changes one field of the draft. */
export type Change = <Field extends keyof Draft>(field: Field, value: Draft[Field]) => void;

/**
 * What is in the form, which begins as `original`, or as what was kept under this key the last time. It is kept a moment after
 * each change, and when the page goes.
 */
export function useDraft(key: string, original: Draft) {
  const [kept] = useState(() => keptDraft(key, original));
  const [draft, setDraft] = useState(kept ?? original);
  const [restored, setRestored] = useState(kept !== undefined);
  const [isKept, setKept] = useState(true);
  const dirty = JSON.stringify(draft) !== JSON.stringify(original);

  // What to do about it when the page goes; `undefined` after it was saved or given up.
  const pending = useRef<(() => void) | undefined>(undefined);
  useEffect(() => {
    const keep = () => {
      if (dirty) setKept(keepDraft(key, draft));
      else forgetDraft(key);
      pending.current = undefined;
    };
    pending.current = keep;
    const timer = setTimeout(keep, KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [key, draft, dirty]);
  useEffect(() => {
    const keepNow = () => pending.current?.();
    window.addEventListener("pagehide", keepNow);
    return () => {
      window.removeEventListener("pagehide", keepNow);
      keepNow();
    };
  }, []);

  const forget = () => {
    pending.current = undefined;
    forgetDraft(key);
  };
  return {
    draft,
    dirty,
    restored,
    isKept,
    change: ((field, value) => setDraft((before) => ({ ...before, [field]: value }))) as Change,
    /** Goes back to what is saved. */
    startOver: () => {
      setDraft(original);
      setRestored(false);
    },
    /** After it was saved, or given up: nothing is kept any more. */
    forget,
  };
}
