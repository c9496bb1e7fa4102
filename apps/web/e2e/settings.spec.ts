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
