// What has been written and not sent, for each conversation, in this browser.
const PREFIX = "raconteur.draft.";

export function draftOf(conversation: string): string {
  return localStorage.getItem(PREFIX + conversation) ?? "";
}

export function keepDraft(conversation: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(PREFIX + conversation);
    else localStorage.setItem(PREFIX + conversation, text);
  } catch {
    // The browser's storage is full or switched off: the text is in its box still.
  }
}

const listeners = new Map<string, Set<(text: string) => void>>();

/** Puts a text that could not be sent back to what is being written, before it. */
export function putBack(conversation: string, text: string): void {
  const draft = draftOf(conversation);
  const both = draft.trim() === "" ? text : `${text}\n\n${draft}`;
  keepDraft(conversation, both);
  for (const listener of listeners.get(conversation) ?? []) listener(both);
}

/** Calls back when a draft has become another one without its box, here or in another tab. */
export function watchDraft(conversation: string, listener: (text: string) => void): () => void {
  const own = listeners.get(conversation) ?? new Set();
  listeners.set(conversation, own.add(listener));
  const stored = ({ key }: StorageEvent) => {
    if (key === PREFIX + conversation) listener(draftOf(conversation));
  };
  globalThis.addEventListener("storage", stored);
  return () => {
    own.delete(listener);
    globalThis.removeEventListener("storage", stored);
  };
}

/** Forgets all drafts, when somebody has signed out. */
export function forgetDrafts(): void {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  }
}
