import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { CrashPage } from "@/pages/errors/CrashPage.tsx";
import { NotFoundPage } from "@/pages/errors/NotFoundPage.tsx";
import { session } from "@/session/index.ts";
import { Shell } from "@/shell/Shell.tsx";
import { lazyPage } from "./lazyPage.tsx";
import { placeAfterSignIn } from "./next.ts";

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** Whether the page is as high as the window and scrolls within itself, without the bar at the foot of phones. */
    immersive?: boolean;
  }
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

// For visitors, too.

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyPage(() => import("@/pages/home/HomePage.tsx"), "HomePage"),
});

const characters = createRoute({
  getParentRoute: () => root,
  path: "/characters",
  component: lazyPage(() => import("@/pages/characters/CharactersPage.tsx"), "CharactersPage"),
});

const character = createRoute({
  getParentRoute: () => root,
  path: "/characters/$slug",
  component: lazyPage(() => import("@/pages/characters/CharacterPage.tsx"), "CharacterPage"),
});

// For visitors only. Whoever signs in, here or in another tab, goes on to where they wanted to be.

const signedOut = createRoute({
  getParentRoute: () => root,
  id: "signed-out",
  validateSearch: (search): { next?: string } => (typeof search.next === "string" ? { next: search.next } : {}),
  beforeLoad: ({ search }) => {
    if (session.state().signedIn) throw redirect({ href: placeAfterSignIn(search.next), replace: true });
  },
});

const signIn = createRoute({
  getParentRoute: () => signedOut,
  path: "/sign-in",
  component: lazyPage(() => import("@/pages/session/SignInPage.tsx"), "SignInPage"),
});

const register = createRoute({
  getParentRoute: () => signedOut,
  path: "/register",
  component: lazyPage(() => import("@/pages/session/RegisterPage.tsx"), "RegisterPage"),
});

// For those who are signed in. Others sign in first, and come back.

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: ({ location }) => {
    if (!session.state().signedIn) throw redirect({ to: "/sign-in", search: { next: location.href }, replace: true });
  },
});

const newCharacter = createRoute({
  getParentRoute: () => signedIn,
  path: "/characters/new",
  component: lazyPage(() => import("@/pages/characters/NewCharacterPage.tsx"), "NewCharacterPage"),
});

const editCharacter = createRoute({
  getParentRoute: () => signedIn,
  path: "/characters/$slug/edit",
  component: lazyPage(() => import("@/pages/characters/EditCharacterPage.tsx"), "EditCharacterPage"),
});

const chats = createRoute({
  getParentRoute: () => signedIn,
  path: "/chats",
  component: lazyPage(() => import("@/pages/chats/ChatsPage.tsx"), "ChatsPage"),
});

const chat = createRoute({
  getParentRoute: () => signedIn,
  path: "/chats/$id",
  /** `message` is the one to show, such as one that was searched for. */
  validateSearch: (search): { message?: string } =>
    typeof search.message === "string" ? { message: search.message } : {},
  staticData: { immersive: true },
  component: lazyPage(() => import("@/pages/chat/ChatPage.tsx"), "ChatPage"),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: "/settings",
  component: lazyPage(() => import("@/pages/settings/SettingsPage.tsx"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    characters,
    character,
    signedOut.addChildren([signIn, register]),
    signedIn.addChildren([newCharacter, editCharacter, chats, chat, settings]),
  ]),
  // The code of a page is fetched when the pointer comes near its link.
  defaultPreload: "intent",
  defaultErrorComponent: CrashPage,
  scrollRestoration: true,
});
