import { expect, test } from "./fixtures.ts";
import { openChat } from "./furniture.ts";
import { notices } from "./places.ts";

test("a visitor who wants to talk makes an account first, and then the character speaks @phone", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Talk to Bronn" }).click();
  await expect(page.getByRole("heading", { name: "Make an account" })).toBeVisible();
  await page.getByLabel("E-mail address").fill(`${test.info().testId}-${Date.now()}@example.org`);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/chats\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Sit where I can see your hands")).toBeVisible();
});

test("going back from a chat that was begun so begins no other one", async ({ page, person }) => {
  await page.goto("/characters/bronn");
  await page.getByRole("link", { name: "Talk to Bronn" }).click();
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/chats\/[0-9a-f-]{36}$/);
  await page.goBack();
  await expect(page.getByRole("heading", { name: /Bronn/, level: 1 })).toBeVisible();
  const { count } = await person.ask<{ count: number }>("GET", "/conversations");
  expect(count).toBe(1);
});

test("whoever is signed in is in a chat with one press", async ({ signedIn: page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Talk to Captain Nemo" }).click();
  await page.waitForURL(/\/chats\/[0-9a-f-]{36}$/);
});

test("whoever comes back is greeted by name and finds what they were reading", async ({ person, signedIn: page }) => {
  await person.ask("PUT", "/me", { display_name: "Ada" });
  const chat = await openChat(person, "Bronn", "What a duel costs");
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/, Ada\.$/);
  await page.getByRole("region", { name: "Go on reading" }).getByText("What a duel costs").click();
  await page.waitForURL(`**/chats/${chat}`);
});

test("a chat that cannot be begun is said to be so, and nobody is led anywhere", async ({ server, signedIn: page }) => {
  await page.goto("/");
  const talk = page.getByRole("button", { name: "Talk to Bronn" });
  await talk.waitFor();
  await server.kill();
  await talk.click();
  await expect(notices(page).getByText("The chat could not be begun.")).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await server.resume();
  await talk.click();
  await page.waitForURL(/\/chats\/[0-9a-f-]{36}$/);
});
