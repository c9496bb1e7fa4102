// What happens to a conversation when the page, the network or the server goes, and when there are several of it.
import { Chat, kept, newChat } from "./chat.ts";
import { expect, test } from "./fixtures.ts";

test("a page that is loaded anew in the middle of a reply goes on with it @phone", async ({
  signedIn,
  person,
  model,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Gold first.");
  await chat.say("Your price?");
  await chat.hears("Gold first.");
  await signedIn.reload();
  await chat.hears("Gold first.");
  turn.say(" Questions after.");
  await chat.hears("Gold first. Questions after.");
  turn.end();
  await chat.isQuiet();
  expect(await kept(person, chat)).toMatchObject([{ role: "user" }, { content: "Gold first. Questions after." }]);
  expect(model.asked).toBe(1);
});

test("a reply goes on while its conversation is not looked at", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Gold");
  await chat.say("Your price?");
  await chat.hears("Gold");
  await signedIn.goto("/characters");
  turn.say(" first.");
  turn.end();
  await turn.closed;
  await chat.open();
  await chat.hears("Gold first.");
});

test("the network goes in the middle of a reply: the page says so, and goes on by itself", async ({
  signedIn,
  person,
  model,
  network,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Gold");
  await chat.say("Your price?");
  await chat.hears("Gold");
  await network.cut();
  await chat.hears("The connection is gone.");
  turn.say(" first. Wärme");
  turn.end();
  await network.mend();
  await chat.hears("Gold first. Wärme");
  await chat.isQuiet();
  await expect(chat.replies.last()).not.toContainText("The connection is gone.");
  expect(model.asked).toBe(1);
});

test("the server is killed in the middle of a reply: what was seen is kept, and another can be had", async ({
  signedIn,
  person,
  model,
  server,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Gold first, and then");
  await chat.say("Your price?");
  await chat.hears("Gold first, and then");
  await server.kill();
  await chat.hears("The connection is gone.");
  await server.resume();
  await chat.hears("The server was restarted");
  await chat.hears("Gold first, and then");
  model.say("Gold. Only gold.");
  await chat.button("Try again").click();
  await chat.hears("Only gold.");
});

test("what is sent without a network waits, says so, and goes out once when it is back @phone", async ({
  signedIn,
  person,
  model,
  network,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  await network.cut();
  await chat.say("Anybody there?");
  await expect(chat.prompts.last()).toContainText("Waiting for the server.");
  model.say("Aye.");
  await network.mend();
  await chat.hears("Aye.");
  await expect(chat.prompts).toHaveCount(1);
  await expect(chat.prompts.last()).not.toContainText("Waiting");
  expect(await kept(person, chat)).toHaveLength(2);
  expect(model.asked).toBe(1);
});

test("a prompt of which nobody knows whether it arrived is one prompt, with one reply", async ({
  signedIn,
  person,
  model,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  // The server gets it; its answer is lost.
  let lost = 0;
  await signedIn.route("**/api/chat/stream", async (route) => {
    if (lost++ > 0) return route.continue();
    const request = route.request();
    const answer = await fetch(request.url(), {
      method: "POST",
      headers: await request.allHeaders(),
      body: request.postData(),
    });
    await answer.text();
    await route.abort();
  });
  model.say("Aye.");
  await chat.say("Well?");
  await chat.hears("Aye.");
  await chat.isQuiet();
  expect(lost).toBeGreaterThan(1);
  expect(await kept(person, chat)).toHaveLength(2);
  expect(model.asked).toBe(1);
});

test("what waits can be taken back to be written anew", async ({ signedIn, person, network }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  await network.cut();
  await chat.say("Anybody there?");
  await chat.prompts.last().getByRole("button", { name: "Take back" }).click();
  await expect(chat.box).toHaveValue("Anybody there?");
  await expect(chat.prompts).toHaveCount(0);
});

test("what the server refuses is back in its box, with the reason", async ({ signedIn, person }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  await signedIn.route("**/api/chat/stream", (route) =>
    route.fulfill({ status: 400, json: { code: "prompt_too_long", detail: "The prompt is too long." } }),
  );
  await chat.say("Much too long");
  await expect(chat.box).toHaveValue("Much too long");
  await expect(signedIn.getByText("The prompt is too long.").first()).toBeVisible();
});

test("a draft is kept with its conversation", async ({ signedIn, person }) => {
  const one = await newChat(person, signedIn);
  const other = await newChat(person, signedIn);
  await one.open();
  await one.box.fill("Half a thought");
  await other.open();
  await expect(other.box).toHaveValue("");
  await one.open();
  await expect(one.box).toHaveValue("Half a thought");
});

test("two tabs show the same reply, through one stream, and the second goes on when the first is closed", async ({
  signedIn,
  person,
  model,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const opening = signedIn.waitForEvent("popup");
  await signedIn.evaluate(() => void globalThis.open(globalThis.location.href));
  const other = new Chat(await opening, chat.id);
  await expect(other.box).toBeVisible();
  const streams: string[] = [];
  other.page.on("request", (request) => {
    if (request.url().includes("/chat/stream")) streams.push(request.method());
  });

  const turn = model.turn();
  turn.say("Gold");
  await chat.say("Your price?");
  await chat.hears("Gold");
  await other.hears("Gold");
  turn.say(" first.");
  await other.hears("Gold first.");
  expect(streams).toEqual([]);

  await chat.page.close();
  turn.say(" Questions after.");
  await other.hears("Gold first. Questions after.");
  turn.end();
  await other.isQuiet();
  expect(await kept(person, chat)).toHaveLength(2);
});

test("what is done in one tab shows in the other", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  model.say("Gold.");
  await chat.say("Your price?");
  await chat.hears("Gold.");
  await chat.isQuiet();
  const opening = signedIn.waitForEvent("popup");
  await signedIn.evaluate(() => void globalThis.open(globalThis.location.href));
  const other = new Chat(await opening, chat.id);
  await other.hears("Gold.");
  await other.button("Edit").click();
  await other.page.getByRole("textbox", { name: "The words of this message" }).fill("Silver.");
  await other.page.getByRole("button", { name: "Save" }).click();
  await chat.hears("Silver.");
});
