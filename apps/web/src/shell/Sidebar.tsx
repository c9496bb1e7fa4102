import { Link } from "@tanstack/react-router";
import { LogOut, Search } from "lucide-react";
import { lazy, Suspense } from "react";
import { useMe } from "@/api/me.ts";
import { ButtonLink } from "@/components/Button.tsx";
import { IconButton } from "@/components/IconButton.tsx";
import { useSession } from "@/session/index.ts";
import { useSignOut } from "@/session/useSignOut.ts";
import { search as searchText, session as sessionText, shell as text } from "@/strings/index.ts";
import { isMac, showPalette } from "./paletteState.ts";
import { places } from "./places.ts";
import { Wordmark } from "./Wordmark.tsx";

const RecentChats = lazy(() => import("@/pages/chats/RecentChats.tsx"));

/** The navigation of wide screens, with the latest chats. */
export function Sidebar() {
  const { signedIn } = useSession();
  return (
    <aside className="sticky top-0 hidden h-dvh w-68 shrink-0 flex-col border-r border-rule bg-shade md:flex">
      <Link to="/" className="m-3 rounded-md px-3 py-2">
        <Wordmark />
      </Link>
      <SearchButton />
      <nav aria-label={text.mainNavigation} className="grid gap-0.5 px-3">
        {places(signedIn).map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className="flex min-h-10 items-center gap-3 rounded-md px-3 text-ink-soft transition-colors hover:bg-accent-wash hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:text-ink"
          >
            <Icon aria-hidden className="size-4.5" strokeWidth={1.75} />
            {label}
          </Link>
        ))}
      </nav>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 py-5">
        {signedIn && (
          <Suspense>
            <RecentChats />
          </Suspense>
        )}
      </div>
      <div className="border-t border-rule p-3">
        {signedIn ? (
          <Account />
        ) : (
          <ButtonLink to="/sign-in" wide>
            {text.signIn}
          </ButtonLink>
        )}
      </div>
    </aside>
  );
}

/** Brings up the palette, and tells of its shortcut. */
function SearchButton() {
  return (
    <button
      type="button"
      aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"}
      onClick={() => showPalette(true)}
      className="mx-3 mb-3 flex min-h-10 items-center gap-3 rounded-md border border-rule bg-paper px-3 text-ink-soft transition-colors hover:border-edge hover:text-ink"
    >
      <Search aria-hidden className="size-4.5" strokeWidth={1.75} />
      <span className="flex-1 text-left">{searchText.open}</span>
      <kbd aria-hidden className="font-serif text-xs">
        {isMac ? searchText.shortcut.mac : searchText.shortcut.other}
      </kbd>
    </button>
  );
}

function Account() {
  const { data: me } = useMe();
  const signOut = useSignOut();
  return (
    <div className="flex items-center gap-2 pl-3">
      <span className="min-w-0 flex-1 truncate text-sm text-ink-soft" title={me?.email}>
        {me?.display_name || me?.email}
      </span>
      <IconButton icon={LogOut} label={sessionText.signOut} onClick={signOut} />
    </div>
  );
}
