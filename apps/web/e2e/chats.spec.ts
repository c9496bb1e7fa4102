import { expect, test } from "./fixtures.ts";
import { openChat } from "./furniture.ts";
import { notices } from "./places.ts";

test("chats are read by date or by character, and the browser remembers which", async ({ person, signedIn: page }) => {
  await openChat(person, "Bronn", "What a duel costs");
  await openChat(person, "Captain Nemo", "Below the ice");
  await page.goto("/chats");
  const main = page.getByRole("main");
  await expect(main.getByRole("heading", { name: "Today" })).toBeVisible();
  await main.getByText("By character").click();
  await expect(main.getByRole("region", { name: "Bronn" }).getByText("What a duel costs")).toBeVisible();
  await page.reload();
  await expect(main.getByRole("region", { name: "Captain Nemo" }).getByText("Below the ice")).toBeVisible();
});

test("the list goes on as far as there are chats @phone", async ({ person, signedIn: page }) => {
  for (let number = 1; number <= 60; number++) await openChat(person, "Bronn", `Chat ${number}`);
  await page.goto("/chats");
  const first = page.getByRole("main").getByRole("link", { name: /^Chat 1 / });
  await expect(async () => {
    await page.mouse.wheel(0, 4000);
    await expect(first).toBeVisible({ timeout: 500 });
  }).toPass();
});

test("a chat is renamed in its place; Escape leaves it as it is", async ({ person, signedIn: page }) => {
  const chat = await openChat(person, "Bronn", "What a duel costs");
  await page.goto("/chats");
  const rename = async (title: string) => {
    await page.getByRole("button", { name: `More for “${title}”` }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await expect(page.getByLabel("The chat's name")).toBeFocused();
  };
  await rename("What a duel costs");
  await page.getByLabel("The chat's name").fill("Never mind");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("main").getByRole("link", { name: /What a duel costs/ })).toBeVisible();
  await rename("What a duel costs");
  await page.getByLabel("The chat's name").fill("The price of a duel");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByRole("link", { name: /The price of a duel/ })).toBeVisible();
  await expect
    .poll(async () => (await person.ask<{ title: string }>("GET", `/conversations/${chat}`)).title)
    .toBe("The price of a duel");
});

test("a deleted chat is gone at once and everywhere, and back with Undo", async ({ person, signedIn: page }) => {
  const chat = await openChat(person, "Bronn", "What a duel costs");
  await page.goto("/chats");
  const links = page.getByRole("link", { name: /What a duel costs/ });
  await expect(links).toHaveCount(2);
  await page.getByRole("button", { name: "More for “What a duel costs”" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(links).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(links).toHaveCount(2);
  await person.ask("GET", `/conversations/${chat}`);
});

/** How many chats the server has. */
const chatsOf = async (person: { ask: <Answer>(method: string, path: string) => Promise<Answer> }) =>
  (await person.ask<{ count: number }>("GET", "/conversations")).count;

test("a deleted chat is deleted when the toast goes", async ({ person, signedIn: page }) => {
  await openChat(person, "Bronn", "What a duel costs");
  await page.goto("/chats");
  await page.getByRole("button", { name: "More for “What a duel costs”" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  expect(await chatsOf(person)).toBe(1);
  await notices(page).hover();
  await notices(page).getByRole("button", { name: "Close" }).click();
  await expect.poll(() => chatsOf(person)).toBe(0);
  await expect(page.getByRole("heading", { name: "No chats yet" })).toBeVisible();
});

test("a deleted chat is deleted when the page is left before the toast goes", async ({ person, signedIn: page }) => {
  await openChat(person, "Bronn", "What a duel costs");
  await page.goto("/chats");
  await page.getByRole("button", { name: "More for “What a duel costs”" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByText("“What a duel costs” is deleted.").waitFor();
  await page.goto("about:blank");
  await expect.poll(() => chatsOf(person)).toBe(0);
});

test("all chats with one character go once that is confirmed; the others stay", async ({ person, signedIn: page }) => {
  await openChat(person, "Bronn", "One");
  await openChat(person, "Bronn", "Two");
  await openChat(person, "Captain Nemo", "Below the ice");
  await page.goto("/chats");
  await page.getByRole("main").getByText("By character").click();
  await page.getByRole("button", { name: "More for all chats with Bronn" }).click();
  await page.getByRole("menuitem", { name: "Delete all" }).click();
  await expect(page.getByText("There are 2. They cannot be brought back.")).toBeVisible();
  await page.getByRole("button", { name: "Delete them" }).click();
  await expect(page.getByRole("region", { name: "Bronn" })).toBeHidden();
  await expect(page.getByRole("main").getByText("Below the ice")).toBeVisible();
});

test("without a server what was loaded stays, and a rename says that it did not work", async ({
  person,
  server,
  signedIn: page,
}) => {
  await openChat(person, "Bronn", "What a duel costs");
  await page.goto("/chats");
  await page.getByRole("button", { name: "More for “What a duel costs”" }).click();
  await server.kill();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("The chat's name").fill("Another name");
  await page.keyboard.press("Enter");
  await expect(notices(page).getByText("The chat keeps its name: the server could not be told.")).toBeVisible();
  await expect(page.getByRole("main").getByText("What a duel costs")).toBeVisible();
  await server.resume();
});

test("offline, the list that was loaded stays, and the app says that one is offline", async ({
  person,
  signedIn: page,
  context,
}) => {
  await openChat(person, "Bronn", "What a duel costs");
  await page.goto("/chats");
  const chat = page.getByRole("main").getByRole("link", { name: /What a duel costs/ });
  await expect(chat).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText(/You are offline\. What you read stays here/)).toBeVisible();
  await expect(chat).toBeVisible();
  await page.getByRole("textbox", { name: "Search titles and messages" }).fill("duel");
  await expect(page.getByRole("heading", { name: "You are offline" })).toBeVisible();
});
