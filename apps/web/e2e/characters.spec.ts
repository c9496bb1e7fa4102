import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.ts";
import { openChat, writeWren } from "./furniture.ts";

test("the gallery is searched by the server, and going back finds it as it was @phone", async ({ page }) => {
  await page.goto("/characters");
  await expect(page.getByRole("link", { name: "Bronn", exact: true })).toBeVisible();
  await page.getByRole("textbox", { name: "Search characters" }).fill("nautilus");
  await expect(page.getByRole("link", { name: "Bronn", exact: true })).toBeHidden();
  await page.getByRole("link", { name: "Captain Nemo", exact: true }).click();
  await expect(page.getByRole("heading", { name: "First words" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("textbox", { name: "Search characters" })).toHaveValue("nautilus");
  await expect(page.getByRole("link", { name: "Captain Nemo", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Bronn", exact: true })).toBeHidden();
});

test("nobody by that name is said to be nobody", async ({ page }) => {
  await page.goto("/characters?q=zzzz");
  await expect(page.getByRole("heading", { name: "Nobody by that name" })).toBeVisible();
});

test("one's own are among all of them, and by themselves", async ({ person, signedIn: page }) => {
  await page.goto("/characters");
  await page.getByText("Mine", { exact: true }).click();
  await expect(page.getByRole("heading", { name: "None of your own yet" })).toBeVisible();
  await writeWren(person);
  await page.reload();
  await expect(page.getByRole("link", { name: "Wren", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Bronn", exact: true })).toBeHidden();
  await page.getByText("All", { exact: true }).click();
  await expect(page.getByRole("link", { name: "Bronn", exact: true })).toBeVisible();
});

test("a character's page shows its first words one by one, and one's chats with it", async ({
  person,
  signedIn: page,
}) => {
  const slug = await writeWren(person);
  await openChat(person, "Wren", "The last crossing");
  await page.goto(`/characters/${slug}`);
  await expect(page.getByText("Wren runs the night ferry")).toBeVisible();
  await expect(page.getByText("Mind the plank, it is wet.")).toBeVisible();
  await page.getByRole("button", { name: "The next greeting" }).click();
  await expect(page.getByText("You are late. So is the tide.")).toBeVisible();
  await expect(page.getByText("Mostly. Sit in the middle")).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: /The last crossing/ })).toBeVisible();
});

test("a card goes out and comes in again, by a drop as well as by choosing it @phone", async ({
  person,
  signedIn: page,
}) => {
  const slug = await writeWren(person);
  await page.goto(`/characters/${slug}`);
  await page.getByRole("button", { name: "More for Wren" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Export as a card (PNG)" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/wren.*\.png$/);
  const bytes = await readFile(await download.path());

  await page.goto("/characters");
  await page.getByTestId("import").setInputFiles({ name: "wren.png", mimeType: "image/png", buffer: bytes });
  await expect(page.getByRole("dialog").getByText("Wren is here.")).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();

  const dropped = await page.evaluateHandle((content) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], "again.png"));
    return data;
  }, bytes.toString("base64"));
  await page.dispatchEvent("main h1", "dragenter", { dataTransfer: dropped });
  await expect(page.getByText("Drop the card anywhere here")).toBeVisible();
  await page.dispatchEvent("main h1", "drop", { dataTransfer: dropped });
  await expect(page.getByRole("dialog").getByText("Wren is here.")).toBeVisible();
  const { count } = await person.ask<{ count: number }>("GET", "/personas?mine=true");
  expect(count).toBe(3);
});

test("of several files each says what became of it, and what of it was left out", async ({ signedIn: page }) => {
  const card = { spec: "chara_card_v2", spec_version: "2.0", data: { name: "", description: "Who is she?" } };
  await page.goto("/characters");
  await page.getByTestId("import").setInputFiles([
    { name: "card.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(card)) },
    { name: "letter.txt", mimeType: "text/plain", buffer: Buffer.from("Dear sirs") },
  ]);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Nameless is here.")).toBeVisible();
  await expect(dialog.getByText("Left out, or understood otherwise:")).toBeVisible();
  await expect(dialog.getByText(/has no name/)).toBeVisible();
  await expect(dialog.getByText("letter.txt is not taken in")).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("link", { name: "Nameless", exact: true })).toBeVisible();
});

test("a character is deleted once that is confirmed, and not before", async ({ person, signedIn: page }) => {
  const slug = await writeWren(person);
  await page.goto(`/characters/${slug}`);
  const ask = async () => {
    await page.getByRole("button", { name: "More for Wren" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
  };
  await ask();
  await page.getByRole("button", { name: "Cancel" }).click();
  await person.ask("GET", `/personas/${slug}`);
  await ask();
  await page.getByRole("button", { name: "Delete the character" }).click();
  await expect(page.getByText("Wren is gone.")).toBeVisible();
  await expect(page).toHaveURL(/\/characters$/);
  await expect(page.getByRole("link", { name: "Wren", exact: true })).toBeHidden();
});
