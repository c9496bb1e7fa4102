import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import { loadOlder as loadOlderMessages, threadKey } from "@/api/messages.ts";
import { hasOlder, type Thread } from "@/api/thread.ts";

/** So near to the end, in pixels, the view follows it. */
const NEAR_END = 48;
/** So near to the beginning, in pixels, older messages are loaded. */
const NEAR_BEGINNING = 1500;

export type Scrolling = {
  scroller: RefObject<HTMLElement | null>;
  virtualizer: RefObject<VirtualizerHandle | null>;
  /** Whether the view is at the end, and follows it. */
  atEnd: boolean;
  /** Whether rows have just been put before the others. */
  prepended: boolean;
  /** The row that was looked for, once it is there. */
  found: string | undefined;
  olderFailed: boolean;
  toEnd: () => void;
  loadOlder: () => void;
  /** The reader has a hand in it: from now on it is theirs where the view goes. */
  byReader: () => void;
  onScroll: (offset: number) => void;
  onScrollEnd: () => void;
  onResize: () => void;
};

/** Where the view of a conversation is: at its end, until the reader scrolls away or looks for a message. */
export function useScrolling(thread: Thread, rows: { key: string }[], wanted: string | undefined): Scrolling {
  const scroller = useRef<HTMLElement>(null);
  const virtualizer = useRef<VirtualizerHandle>(null);
  const follows = useRef(wanted === undefined);
  const lastOffset = useRef(0);
  const [atEnd, setAtEnd] = useState(follows.current);

  const follow = useCallback((next: boolean) => {
    follows.current = next;
    setAtEnd(next);
  }, []);
  const keepAtEnd = useCallback(() => {
    const { current: element } = scroller;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  }, []);
  // On the way through rows that have not been measured yet the list moves by itself, which nobody has asked for.
  const onTheWay = useRef(false);
  const count = rows.length;
  const goToEnd = useCallback(() => {
    if (!follows.current || count === 0) return;
    onTheWay.current = true;
    virtualizer.current?.scrollToIndex(count - 1, { align: "end" });
    keepAtEnd();
  }, [count, keepAtEnd]);
  const toEnd = () => {
    follow(true);
    goToEnd();
  };
  const byReader = () => {
    onTheWay.current = false;
  };
  const onScrollEnd = () => {
    onTheWay.current = false;
    keepAtEnd();
  };
  // What has come since the last render.
  const end = rows.at(-1)?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another end is what there is to keep up with.
  useLayoutEffect(goToEnd, [end, goToEnd]);

  const older = useOlder(thread);
  const onScroll = (offset: number) => {
    const { current: element } = scroller;
    if (element === null) return;
    const distance = element.scrollHeight - offset - element.clientHeight;
    if (distance < NEAR_END) {
      if (!follows.current) follow(true);
    } else if (offset < lastOffset.current && follows.current && !onTheWay.current) follow(false);
    lastOffset.current = offset;
    if (offset < NEAR_BEGINNING && distance > 0) older.load();
  };

  const found = useWanted(thread, rows, wanted, (index) => {
    follow(false);
    virtualizer.current?.scrollToIndex(index, { align: "center" });
  });

  return {
    scroller,
    virtualizer,
    atEnd,
    prepended: usePrepended(rows),
    found,
    olderFailed: older.failed,
    toEnd,
    loadOlder: older.load,
    byReader,
    onScroll,
    onScrollEnd,
    onResize: keepAtEnd,
  };
}

/** Loads older messages, a stretch at a time. */
function useOlder(thread: Thread): { load: () => void; failed: boolean } {
  const client = useQueryClient();
  const [failed, setFailed] = useState(false);
  const loading = useRef(false);
  const load = async () => {
    if (loading.current || !hasOlder(thread)) return;
    loading.current = true;
    try {
      await loadOlderMessages(client, thread.id);
      setFailed(false);
    } catch {
      setFailed(true);
    }
    loading.current = false;
  };
  return { load: () => void load(), failed };
}

/** Whether the first row of the last render stands further behind in this one. */
function usePrepended(rows: { key: string }[]): boolean {
  const first = useRef(rows[0]?.key);
  const prepended = first.current !== rows[0]?.key && rows.some(({ key }) => key === first.current);
  useLayoutEffect(() => {
    first.current = rows[0]?.key;
  });
  return prepended;
}

/** Loads what stands before the first message until the one that is wanted is there, and then shows it. */
function useWanted(
  thread: Thread,
  rows: { key: string }[],
  wanted: string | undefined,
  show: (index: number) => void,
): string | undefined {
  const client = useQueryClient();
  const [found, setFound] = useState<string>();
  const { id } = thread;

  useEffect(() => {
    if (wanted === undefined) return;
    let left = false;
    const search = async () => {
      for (;;) {
        const now = client.getQueryData<Thread>(threadKey(id));
        if (left || now === undefined) return;
        if (now.messages.some((message) => message.id === wanted)) return setFound(wanted);
        if (!hasOlder(now)) return;
        await loadOlderMessages(client, id);
      }
    };
    // What cannot be loaded now is not shown; the view stays where it is.
    search().catch(() => undefined);
    return () => {
      left = true;
    };
  }, [client, id, wanted]);

  const index = found === undefined ? -1 : rows.findIndex(({ key }) => key === found);
  const shown = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (index < 0 || shown.current === found) return;
    shown.current = found;
    show(index);
  });
  return found;
}
