import { expect, test } from "./fixtures.ts";
import { openChat } from "./furniture.ts";

test("what was said is found, marked, and a press away @phone", async ({ person, signedIn: page }) => {
  const chat = await openChat(person, "Bronn", "At the inn", "What is your price for a duel?");
  await openChat(person, "Captain Nemo", "The duel of the whales");
  await page.goto("/chats");
  await page.getByRole("textbox", { name: "Search titles and messages" }).fill("DUEL");
  const titles = page.getByRole("region", { name: "Titles" });
  await expect(titles.locator("mark")).toHaveText("duel");
  const message = page.getByRole("region", { name: "Messages" }).getByRole("link");
  await expect(message).toContainText("At the inn");
  await message.click();
  await page.waitForURL(new RegExp(`/chats/${chat}\\?message=`));
  await page.goBack();
  await expect(page.getByRole("textbox", { name: "Search titles and messages" })).toHaveValue("DUEL");
  await expect(message).toBeVisible();
});

test("nothing found is said to be nothing", async ({ signedIn: page }) => {
  await page.goto("/chats?q=zzzz");
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
});

test("the palette leads anywhere from anywhere, without a mouse", async ({ person, signedIn: page }) => {
  const chat = await openChat(person, "Bronn", "At the inn", "What is your price for a duel?");
  await page.goto("/settings");
  await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();

  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox");
  await expect(box).toBeFocused();
  await expect(page.getByRole("option", { name: /At the inn/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(box).toBeHidden();

  await page.keyboard.press("Control+k");
  await box.fill("nemo");
  await expect(page.getByRole("option", { name: "Captain Nemo" })).toBeVisible();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/characters/captain-nemo");

  await page.keyboard.press("Control+k");
  await box.fill("price for");
  await expect(page.getByRole("option", { name: /price for a duel/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/chats/${chat}\\?message=`));
});
