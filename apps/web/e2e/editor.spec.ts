import { expect, test } from "./fixtures.ts";
import { writeWren } from "./furniture.ts";

type Whole = { source: Record<string, unknown>; avatar: string | null };

// One pixel.
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("a character is written, previewed and let in, and then speaks @phone", async ({
  person,
  signedIn: page,
  isMobile,
}) => {
  await page.goto("/characters/new");
  await page.getByLabel("Name", { exact: true }).fill("Ilsa");
  await page.getByRole("textbox", { name: "Who they are" }).fill("{{char}} keeps the lighthouse at Vell.");
  await page.getByLabel("First greeting").fill("Wipe your boots.");
  await page.getByRole("button", { name: "Add something" }).click();
  await page.getByLabel("Name of the entry").fill("lamp");
  await page.getByRole("textbox", { name: "What they know" }).fill("The lamp burns whale oil.");
  await page.getByLabel("Words it is about").fill("lamp, oil");

  if (isMobile) await page.getByRole("button", { name: "Preview" }).click();
  const preview = isMobile ? page.getByRole("dialog") : page.getByRole("complementary", { name: "Preview" });
  await preview.getByLabel("Something said to them").fill("What burns in the lamp?");
  await expect(preview.getByText(/because of .*lamp/)).toBeVisible();
  await expect(preview.getByText(/^[\d,]+ tokens$/)).toBeVisible();
  await preview.getByText("The exact prompt").click();
  await expect(preview.getByText("Ilsa keeps the lighthouse at Vell.")).toBeVisible();
  if (isMobile) await page.keyboard.press("Escape");

  await page.getByTestId("picture").setInputFiles({ name: "ilsa.png", mimeType: "image/png", buffer: picture });
  await page.getByRole("button", { name: "Let them in" }).click();
  await expect(page.getByRole("heading", { name: "Ilsa", level: 1 })).toBeVisible();
  await expect(page.getByText("Wipe your boots.")).toBeVisible();
  const { source, avatar } = await person.ask<Whole>("GET", "/personas/ilsa");
  expect(source.knowledge).toEqual([{ id: "lamp", summary: "The lamp burns whale oil.", tags: ["lamp", "oil"] }]);
  expect(avatar).not.toBeNull();
});

test("a change of one thing leaves the others as somebody else has made them meanwhile", async ({
  person,
  signedIn: page,
}) => {
  const slug = await writeWren(person);
  await page.goto(`/characters/${slug}/edit`);
  await page.getByLabel("Temper", { exact: true }).fill("Warm.");
  await person.ask("PUT", `/personas/${slug}`, { scenario: "Noon." });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Wren is saved.")).toBeVisible();
  const { source } = await person.ask<Whole>("GET", `/personas/${slug}`);
  expect(source).toMatchObject({ personality: "Warm.", scenario: "Noon." });
});

test("greetings and knowledge are moved, removed and added", async ({ person, signedIn: page }) => {
  const slug = await writeWren(person);
  await page.goto(`/characters/${slug}/edit`);
  await page.getByRole("button", { name: "Move greeting 2 up" }).click();
  await page.getByRole("button", { name: "Move fare up" }).click();
  await page.getByRole("button", { name: "Remove bell" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Wren is saved.")).toBeVisible();
  const { source } = await person.ask<Whole>("GET", `/personas/${slug}`);
  expect(source.greeting).toBe("You are late. So is the tide.");
  expect(source.alternate_greetings).toEqual([
    "Mind the plank, it is wet. You are the last one tonight, and you look it.",
  ]);
  expect((source.knowledge as { id: string }[]).map(({ id }) => id)).toEqual(["fare"]);
});

test("what is wrong stands beside its field, whether it is seen here or by the server", async ({
  person,
  signedIn: page,
}) => {
  await page.goto("/characters/new");
  await page.getByRole("button", { name: "Let them in" }).click();
  const name = page.getByLabel("Name", { exact: true });
  await expect(name).toHaveAccessibleDescription("Give them a name.");
  await expect(name).toBeFocused();
  await name.fill("Ilsa");
  const slug = page.getByLabel("Short name");
  await slug.fill("Not Like This");
  await page.getByRole("button", { name: "Let them in" }).click();
  await expect(slug).toHaveAccessibleDescription(/letters and digits in lower case/);
  await expect(slug).toBeFocused();
  await page.getByRole("heading", { name: "Lorebook" }).click();
  await page.getByLabel("Lorebook (JSON)").fill('{"entries": [');
  await expect(page.getByText(/This is no JSON/)).toBeVisible();
  await page.getByRole("button", { name: "Let them in" }).click();
  const { count } = await person.ask<{ count: number }>("GET", "/personas?mine=true");
  expect(count).toBe(0);
});

test("what is not saved survives a reload, and can be given up", async ({ signedIn: page }) => {
  await page.goto("/characters/new");
  await page.getByLabel("Name", { exact: true }).fill("Ilsa");
  await page.reload();
  await expect(page.getByText("This is how you left it, not saved yet.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Ilsa");
  await page.getByRole("button", { name: "Start over" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("");
});

test("leaving asks first: one may stay, come back to it later, or give it up", async ({ signedIn: page }) => {
  await page.goto("/characters/new");
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Ilsa");
  const leave = () => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Chats" }).click();
  await leave();
  await page.getByRole("button", { name: "Stay" }).click();
  await expect(name).toHaveValue("Ilsa");
  await leave();
  await page.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Chats", level: 1 })).toBeVisible();
  await page.goBack();
  await expect(name).toHaveValue("Ilsa");
  await leave();
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(page.getByRole("heading", { name: "Chats", level: 1 })).toBeVisible();
  await page.goBack();
  await expect(name).toHaveValue("");
});

test("somebody else's character is not theirs to write", async ({ signedIn: page }) => {
  await page.goto("/characters/bronn/edit");
  await expect(page.getByRole("heading", { name: "Not yours to write" })).toBeVisible();
});
