import { Link } from "@tanstack/react-router";
import { House, LogIn } from "lucide-react";
import { useSession } from "@/session/index.ts";
import { shell as text } from "@/strings/index.ts";
import { places } from "./places.ts";

/** The navigation of phones. */
export function BottomBar() {
  const { signedIn } = useSession();
  const links = [
    { to: "/" as const, label: text.home, icon: House },
    ...places(signedIn),
    ...(signedIn ? [] : [{ to: "/sign-in" as const, label: text.signIn, icon: LogIn }]),
  ];
  return (
    <nav
      aria-label={text.mainNavigation}
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-rule bg-shade pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {links.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/" }}
          className="grid min-h-15 flex-1 content-center justify-items-center gap-0.5 text-xs text-ink-soft -outline-offset-3 aria-[current=page]:text-accent"
        >
          <Icon aria-hidden className="size-5.5" strokeWidth={1.6} />
          {label}
        </Link>
      ))}
    </nav>
  );
}
