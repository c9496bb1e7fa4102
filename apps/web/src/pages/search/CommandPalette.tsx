import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { useRouter } from "@tanstack/react-router";
import { MessageSquareText, Search } from "lucide-react";
import { useId, useState } from "react";
import { LONGEST_SEARCH } from "@/api/search.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { dialogLook } from "@/components/Dialog.tsx";
import { VisuallyHidden } from "@/components/VisuallyHidden.tsx";
import { common, search as text } from "@/strings/index.ts";
import type { Item, ItemGroup } from "./items.ts";
import { useItems } from "./useItems.ts";

/** Searches everything and leads there: chats, what was said in them, characters and pages. */
export function CommandPalette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => next || onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialogLook.veil} />
        <Dialog.Popup
          aria-label={text.title}
          className="fixed inset-x-3 top-[max(0.75rem,10dvh)] z-50 mx-auto flex max-h-[min(34rem,80dvh)] max-w-xl flex-col overflow-hidden rounded-xl border border-rule bg-sheet shadow-lifted transition duration-150 data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0"
        >
          <Body onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Body({ onClose }: { onClose: () => void }) {
  const [sought, setSought] = useState("");
  const { groups, problem } = useItems(sought);
  const router = useRouter();
  const hint = useId();
  const go = (item: Item) => {
    onClose();
    router.history.push(item.href);
  };
  return (
    <Autocomplete.Root
      open
      inline
      items={groups}
      // The server has looked for it already.
      filter={null}
      value={sought}
      onValueChange={(value, { reason }) => reason !== "item-press" && setSought(value)}
      itemToStringValue={(item: Item) => item.label}
      autoHighlight="always"
      keepHighlight
    >
      <div className="flex items-center gap-3 border-b border-rule px-4">
        <Search aria-hidden className="size-5 shrink-0 text-ink-soft" strokeWidth={1.75} />
        <Autocomplete.Input
          aria-label={text.label}
          aria-describedby={hint}
          placeholder={text.placeholder}
          maxLength={LONGEST_SEARCH}
          className="min-h-14 w-full bg-transparent text-lg outline-none"
        />
        <Dialog.Close className="sr-only">{common.close}</Dialog.Close>
        <VisuallyHidden>
          <span id={hint}>{text.hint}</span>
        </VisuallyHidden>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-2">
        {problem && (
          <p role="status" className="px-3 py-2 text-sm text-danger">
            {problem}
          </p>
        )}
        <Autocomplete.Empty className="text-ink-soft not-empty:px-3 not-empty:py-8 not-empty:text-center">
          {text.nothing}
        </Autocomplete.Empty>
        <Autocomplete.List aria-label={text.title}>
          {(group: ItemGroup) => (
            <Autocomplete.Group key={group.value} items={group.items} className="not-last:mb-2">
              <Autocomplete.GroupLabel className="eyebrow px-3 pt-2 pb-1">{group.value}</Autocomplete.GroupLabel>
              <Autocomplete.Collection>
                {(item: Item) => (
                  <Autocomplete.Item
                    key={item.id}
                    value={item}
                    onClick={() => go(item)}
                    className="flex min-h-11 cursor-pointer scroll-my-2 items-center gap-3 rounded-md px-3 py-1.5 outline-none select-none data-highlighted:bg-accent-wash"
                  >
                    <Picture item={item} />
                    <span className="min-w-0 flex-1 truncate">{item.label}</span>
                    {item.detail && <span className="max-w-2/5 truncate text-sm text-ink-soft">{item.detail}</span>}
                  </Autocomplete.Item>
                )}
              </Autocomplete.Collection>
            </Autocomplete.Group>
          )}
        </Autocomplete.List>
      </div>
    </Autocomplete.Root>
  );
}

function Picture({ item }: { item: Item }) {
  if (item.kind === "chat" || item.kind === "character") {
    return <Avatar name={item.name} picture={item.picture} size="small" />;
  }
  const Icon = item.kind === "page" ? item.icon : MessageSquareText;
  return (
    <span className="grid size-8 shrink-0 place-items-center text-ink-soft">
      <Icon aria-hidden className="size-4.5" strokeWidth={1.75} />
    </span>
  );
}
