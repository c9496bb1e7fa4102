// What only the character is told.
import { newChat } from "./chat.ts";
import { expect, test } from "./fixtures.ts";

test("the author's note is told to the character, and is there the next time @phone", async ({
  signedIn: page,
  person,
  model,
}) => {
  const chat = await newChat(person, page);
  await chat.open();
  await page.getByRole("button", { name: "Author's note" }).click();
  const panel = page.getByRole("dialog", { name: "Author's note" });
  await panel.getByLabel("Note", { exact: true }).fill("It has begun to rain.");
  await panel.getByLabel("Temperature").fill("0.8");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel).toBeHidden();

  const turn = model.turn();
  turn.say("I am wet.");
  turn.end();
  await chat.say("How are you?");
  await chat.hears("I am wet.");
  const { messages } = await turn.asked;
  expect(messages.map(({ content }) => content).join("\n")).toContain("It has begun to rain.");

  await page.reload();
  await page.getByRole("button", { name: "Author's note" }).click();
  await expect(panel.getByLabel("Note", { exact: true })).toHaveValue("It has begun to rain.");
  await expect(panel.getByLabel("Temperature")).toHaveValue("0.8");
});
