// A conversation of many messages, of which the page holds what is near the view.
import { type Chat, newChat } from "./chat.ts";
import { expect, type Person, test } from "./fixtures.ts";

const MESSAGES = 760;

/** A conversation of so many messages of the person's, numbered, the first one of which is 1. */
async function longChat(person: Person, chat: Chat): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= MESSAGES; number++) {
    const content = `Number ${number}. ${"It was a long road, and a dusty one. ".repeat(number % 7)}`;
    const { id } = await person.ask<{ id: string }>("POST", `/conversations/${chat.id}/messages/create`, { content });
    ids.push(id);
  }
  return ids;
}

test("a long conversation opens at its end, can be read to its beginning, and leads to any message", async ({
  signedIn: page,
  person,
}) => {
  test.slow();
  const chat = await newChat(person, page);
  const ids = await longChat(person, chat);
  const number = (n: number) => page.getByRole("article").filter({ hasText: `Number ${n}.` });
  await chat.open();
  await expect(number(MESSAGES)).toBeInViewport();
  expect(await page.getByRole("article").count()).toBeLessThan(60);

  // What is loaded before what one reads does not move it.
  const view = page.getByRole("region", { name: "What was said" });
  const loaded = page.waitForResponse(/before=/);
  await view.evaluate((element) => element.scrollTo({ top: 0 }));
  await loaded;
  await expect(number(MESSAGES - 500)).toBeAttached();
  await expect(number(MESSAGES - 499)).toBeInViewport();
  await expect(page.getByRole("button", { name: "To the end" })).toBeVisible();

  await page.goto(`/chats/${chat.id}?message=${ids[99]}`);
  await expect(number(100)).toBeInViewport();
  await page.getByRole("button", { name: "To the end" }).click();
  await expect(number(MESSAGES)).toBeInViewport();
});

test("the view follows a reply, unless the reader has scrolled away @phone", async ({
  signedIn: page,
  person,
  model,
}) => {
  const chat = await newChat(person, page);
  await chat.open();
  const turn = model.turn();
  const lines = (from: number) => Array.from({ length: 30 }, (_, line) => `Line ${from + line}.\n\n`).join("");
  turn.say(lines(1));
  await chat.say("Tell me everything.");
  await expect(page.getByText("Line 30.", { exact: true })).toBeInViewport();

  const talk = page.getByRole("region", { name: "What was said" });
  await talk.focus();
  await page.keyboard.press("Home");
  await expect(talk.getByText("Tell me everything.")).toBeInViewport();
  turn.say(lines(31));
  await page.getByRole("button", { name: "New text" }).waitFor();
  await expect(talk.getByText("Tell me everything.")).toBeInViewport();
  await page.getByRole("button", { name: "New text" }).click();
  await expect(page.getByText("Line 60.", { exact: true })).toBeInViewport();
  turn.say(lines(61));
  turn.end();
  await expect(page.getByText("Line 90.", { exact: true })).toBeInViewport();
});
