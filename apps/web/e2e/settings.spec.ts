import { expect, test } from "./fixtures.ts";

test("the characters learn what to call one, and who one is @phone", async ({ person, signedIn: page }) => {
  await page.goto("/settings");
  await page.getByLabel("What they call you").fill("Ada");
  await page.getByLabel("Who you are").fill("{{user}} draws maps.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  expect(await person.ask("GET", "/me")).toMatchObject({ display_name: "Ada", description: "{{user}} draws maps." });
  await page.reload();
  await expect(page.getByLabel("What they call you")).toHaveValue("Ada");
});

test("a name that is too long is not sent, and stays to be shortened", async ({ person, signedIn: page }) => {
  await page.goto("/settings");
  const name = page.getByLabel("What they call you");
  await name.fill("A".repeat(101));
  await page.getByRole("button", { name: "Save" }).click();
  await expect(name).toHaveAccessibleDescription(/at most 100 characters/);
  await expect(name).toBeFocused();
  expect(await person.ask("GET", "/me")).toMatchObject({ display_name: "" });
});

test("the theme is chosen at once, and kept", async ({ signedIn: page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/settings");
  await page.getByText("Lamplight").click();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.reload();
  expect(await ground()).toBe(dark);
  await page.getByText("As the system").click();
  expect(await ground()).not.toBe(dark);
});

test("where one is signed in is listed; another session is ended, and then all of them", async ({
  person,
  signedIn: page,
}) => {
  await page.goto("/settings");
  const sessions = page.getByRole("region", { name: "Where you are signed in" });
  // The test itself has signed in, too, to make the account.
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await expect(sessions.getByText("This one")).toHaveCount(1);
  await sessions.getByRole("button", { name: /^End the session of/ }).click();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await expect(person.ask("GET", "/me")).rejects.toThrow("401");

  await sessions.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "Good company, well told" })).toBeVisible();
  await page.goto("/settings");
  await expect(page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
});

test("the password is changed, and the account taken along and deleted @phone", async ({ person, signedIn: page }) => {
  await page.goto("/settings");
  const password = page.getByRole("region", { name: "Password" });
  await password.getByLabel("Current password").fill(person.password);
  await password.getByLabel("New password").fill("a wager on the tide");
  await page.keyboard.press("Enter");
  await expect.poll(() => person.ask("GET", "/me").catch(String)).toContain("401");

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download it" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.jsonl$/);

  await page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/type your address/).fill(person.email);
  await dialog.getByLabel(/password/i).fill("another one altogether");
  await dialog.getByRole("button", { name: "Delete everything" }).click();
  await expect(dialog.getByText("This is not the account's password.")).toBeVisible();
  await dialog.getByLabel(/password/i).fill("a wager on the tide");
  await dialog.getByRole("button", { name: "Delete everything" }).click();
  await expect(page.getByRole("heading", { name: "Good company, well told" })).toBeVisible();
  await page.goto("/chats");
  await expect(page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
});
