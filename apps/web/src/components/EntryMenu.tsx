import { MoreHorizontal } from "lucide-react";
import { IconButton } from "./IconButton.tsx";
import { Menu, MenuItem, MenuRule } from "./Menu.tsx";
import type { MenuEntry } from "./MenuButton.tsx";

type EntryMenuProps = { label: string; entries: MenuEntry[]; className?: string | undefined };

/** The menu of a `MenuButton`, which comes up with it. */
export function EntryMenu({ label, entries, className }: EntryMenuProps) {
  return (
    <Menu defaultOpen trigger={<IconButton icon={MoreHorizontal} label={label} className={className} />}>
      {entries.map((entry, at) =>
        entry === "rule" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is what stands between two others.
          <MenuRule key={at} />
        ) : (
          <MenuItem
            key={entry.label}
            icon={entry.icon}
            danger={entry.danger ?? false}
            disabled={entry.disabled ?? false}
            onSelect={entry.onSelect}
          >
            {entry.label}
          </MenuItem>
        ),
      )}
    </Menu>
  );
}
