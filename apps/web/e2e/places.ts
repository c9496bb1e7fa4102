// Every page of the app, with something on it: what axe reads and what is photographed.
import type { Locator, Page } from "@playwright/test";
import type { furnish } from "./furniture.ts";

type Things = Awaited<ReturnType<typeof furnish>>;

export type Place = {
  name: string;
  path: (things: Things) => string;
  /** The heading that says that the page is there. */
  heading: string | RegExp;
  /** What is done on it before it is looked at. */
  prepare?: (page: Page) => Promise<void>;
};

/** What a visitor finds. */
export const publicPlaces: Place[] = [
  { name: "home", path: () => "/", heading: "Good company, well told" },
  { name: "characters", path: () => "/characters", heading: "Characters" },
  { name: "nobody-found", path: () => "/characters?q=zzzz", heading: "Nobody by that name" },
  { name: "character", path: () => "/characters/bronn", heading: /Bronn/ },
  { name: "sign-in", path: () => "/sign-in", heading: "Sign in" },
  { name: "register", path: () => "/register", heading: "Make an account" },
  { name: "no-page", path: () => "/nowhere", heading: "This page was never written" },
];

/** What somebody who is signed in finds besides. */
export const ownPlaces: Place[] = [
  { name: "own-home", path: () => "/", heading: /, Ada\.$/ },
  { name: "own-characters", path: () => "/characters?mine=true", heading: "Wren" },
  { name: "own-character", path: ({ character }) => `/characters/${character}`, heading: "Wren" },
  {
    name: "delete-character",
    path: ({ character }) => `/characters/${character}`,
    heading: "Wren",
    prepare: async (page) => {
      await page.getByRole("button", { name: "More for Wren" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  { name: "new-character", path: () => "/characters/new", heading: "A new character" },
  {
    name: "edit-character",
    path: ({ character }) => `/characters/${character}/edit`,
    heading: "Edit Wren",
    prepare: async (page) => {
      await page.getByRole("button", { name: "Edit bell" }).click();
      for (const title of ["Lorebook", "Advanced"]) await page.getByRole("heading", { name: title }).click();
    },
  },
  { name: "chats", path: () => "/chats", heading: "Chats" },
  {
    name: "chats-by-character",
    path: () => "/chats",
    heading: "Chats",
    prepare: (page) => page.getByText("By character").click(),
  },
  {
    name: "rename-chat",
    path: () => "/chats",
    heading: "Chats",
    prepare: async (page) => {
      await page.getByRole("button", { name: "More for “What a duel costs”" }).click();
      await page.getByRole("menuitem", { name: "Rename" }).click();
    },
  },
  { name: "found", path: () => "/chats?q=duel", heading: "Messages" },
  { name: "nothing-found", path: () => "/chats?q=zzzz", heading: "Nothing found" },
  {
    name: "palette",
    path: () => "/chats",
    heading: "Chats",
    prepare: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("duel");
      await page.getByRole("option", { name: /price for a duel/ }).waitFor();
    },
  },
  { name: "chat", path: ({ chat }) => `/chats/${chat}`, heading: "The last crossing" },
  { name: "settings", path: () => "/settings", heading: "You, in the story" },
];

/** Goes to a place, and waits until it is what it is to be. */
export async function goTo(page: Page, place: Place, things: Things): Promise<void> {
  await page.goto(place.path(things));
  await page.getByRole("heading", { name: place.heading }).first().waitFor();
  await place.prepare?.(page);
  // Pictures and letters are there, and nothing is on its way in or out.
  await page.waitForLoadState("networkidle");
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ends = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ends.map(({ finished }) => finished));
  });
}

/** Where the app says something in passing. */
export function notices(page: Page): Locator {
  return page.getByRole("region", { name: "Notifications" });
}

/** How many pixels of the page are beyond the right edge of the window. */
export async function overflow(page: Page): Promise<number> {
  // A phone makes the window as wide as the page; what it was made with says how wide it is.
  const window = page.viewportSize()?.width ?? 0;
  return (await page.evaluate(() => document.documentElement.scrollWidth)) - window;
}
