// Talking: what one says, what comes back, and what can be done with it.
import { kept, newChat } from "./chat.ts";
import { expect, test } from "./fixtures.ts";

test("a reply shows as it is spoken, with its Markdown, and can be asked for once more @phone", async ({
  signedIn,
  person,
  model,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  await chat.say("What is your price?");
  await expect(chat.prompts.last()).toContainText("What is your price?");
  await expect(chat.stop).toBeVisible();
  turn.say("*Weighs the purse, and");
  await expect(chat.replies.last().locator("em")).toHaveText("Weighs the purse, and");
  turn.say(" smiles.* **Double.**");
  turn.end();
  await expect(chat.replies.last().locator("strong")).toHaveText("Double.");
  await chat.isQuiet();
  await expect(signedIn.getByRole("heading", { level: 1 })).toHaveText("Bronn — What is your price?");

  model.say("Triple, now.");
  await chat.button("Another reply").click();
  await chat.hears("Triple, now.");
  await expect(chat.replies).toHaveCount(1);
  const versions = chat.replies.last().getByRole("group", { name: "Version 2 of 2" });
  await versions.getByRole("button", { name: "The version before" }).click();
  await chat.hears("Double.");
  await chat.replies.last().getByRole("button", { name: "The version before" }).focus();
  await signedIn.keyboard.press("ArrowRight");
  await chat.hears("Triple, now.");
});

test("Stop ends a reply, at the model too, and keeps what was said @phone", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Well, it was a long day, and");
  await chat.say("Tell me everything.");
  await chat.hears("Well, it was a long day, and");
  await chat.stop.click();
  await turn.closed;
  await chat.hears("Stopped.");
  await chat.isQuiet();
  expect((await kept(person, chat)).at(-1)).toMatchObject({
    status: "stopped",
    content: "Well, it was a long day, and",
  });
});

test("Escape stops a reply", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Once upon");
  await chat.say("Tell me everything.");
  await chat.hears("Once upon");
  await signedIn.keyboard.press("Escape");
  await turn.closed;
  await chat.hears("Stopped.");
});

test("a reply goes on where it ended", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  model.say("Gold first.");
  await chat.say("Your price?");
  await chat.hears("Gold first.");
  await chat.isQuiet();
  const turn = model.turn();
  await chat.button("Go on").click();
  turn.say(" Questions");
  await chat.hears("Gold first. Questions");
  turn.say(" after.");
  turn.end();
  await chat.hears("Gold first. Questions after.");
  await chat.isQuiet();
  expect((await kept(person, chat)).at(-1)?.content).toBe("Gold first. Questions after.");
});

test("one's own words, changed, get an answer of their own, beside the old one", async ({
  signedIn,
  person,
  model,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  model.say("Gold.");
  await chat.say("What do you want?");
  await chat.hears("Gold.");
  await chat.isQuiet();
  await chat.prompts.last().hover();
  await chat.prompts.last().getByRole("button", { name: "Edit" }).click();
  model.say("Peace? Never.");
  const edited = signedIn.getByRole("textbox", { name: "The words of this message" });
  await edited.fill("Do you want peace?");
  await signedIn.getByRole("button", { name: "Save and send" }).click();
  await chat.hears("Peace? Never.");
  await expect(chat.prompts).toHaveText(/Do you want peace\?/);
  await chat.isQuiet();
  await chat.prompts.last().hover();
  await chat.prompts.last().getByRole("button", { name: "The version before" }).click();
  await chat.hears("Gold.");
  await expect(chat.prompts).toHaveText(/What do you want\?/);
});

test("a reply can be put in other words, in its place", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  model.say("Gold.");
  await chat.say("What do you want?");
  await chat.hears("Gold.");
  await chat.button("Edit").click();
  await signedIn.getByRole("textbox", { name: "The words of this message" }).fill("Silver.");
  await signedIn.getByRole("button", { name: "Save" }).click();
  await expect(chat.replies.last().getByRole("textbox")).toBeHidden();
  await chat.hears("Silver.");
  expect((await kept(person, chat)).at(-1)?.content).toBe("Silver.");
});

test("what is deleted can be had back, until something else is said", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  model.say("First answer.");
  await chat.say("First question.");
  await chat.hears("First answer.");
  await chat.isQuiet();
  await chat.button("Delete").click();
  await expect(chat.replies).toHaveCount(0);
  await signedIn.getByRole("button", { name: "Undo" }).click();
  await chat.hears("First answer.");
  expect(await kept(person, chat)).toHaveLength(2);

  await chat.button("Delete").click();
  await expect(chat.replies).toHaveCount(0);
  model.say("Second answer.");
  await chat.say("Second question.");
  await chat.hears("Second answer.");
  await chat.isQuiet();
  expect((await kept(person, chat)).map(({ content }) => content)).toEqual([
    "First question.",
    "Second question.",
    "Second answer.",
  ]);
});

test("the character's greeting is its first word, and has others beside it", async ({ signedIn, person }) => {
  const wren = { name: "Wren", greeting: "Mind the plank.", alternate_greetings: ["You are late."] };
  const { slug } = await person.ask<{ slug: string }>("POST", "/personas", wren);
  const chat = await newChat(person, signedIn, { persona: slug, character: "Wren", greeting: true });
  await chat.open();
  const greeting = signedIn.getByRole("article", { name: "Wren" });
  await expect(greeting).toContainText("Mind the plank.");
  await greeting.getByRole("button", { name: "The version after" }).click();
  await expect(greeting).toContainText("You are late.");
  await expect(greeting.getByRole("group", { name: "Version 2 of 2" })).toBeVisible();
});

test("out of character, the narrator is asked, for that one turn", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  await signedIn.getByRole("switch", { name: "Out of character" }).click();
  const turn = model.turn();
  turn.say("It is raining.");
  turn.end();
  await chat.say("What is the weather?");
  await expect(signedIn.getByRole("article", { name: "The narrator" })).toContainText("It is raining.");
  await expect(chat.prompts.last()).toContainText("Out of character");
  await expect(chat.prompts.last()).not.toContainText("[[OOC]]");
  expect((await turn.asked).messages.at(-1)?.content).toContain("What is the weather?");
  await expect(signedIn.getByRole("switch", { name: "Out of character" })).not.toBeChecked();
});

test("a model that fails says so, and Retry gets another reply @phone", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Gold, or");
  await chat.say("Your price?");
  await chat.hears("Gold, or");
  turn.cut();
  await chat.hears("The model broke off.");
  // After a reload it still says why.
  await signedIn.reload();
  await chat.hears("The model broke off.");
  model.say("Gold.");
  await chat.button("Try again").click();
  await chat.hears("Gold.");
  await expect(chat.replies.last()).not.toContainText("broke off");
});

test("a reply that failed goes on from what was said", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.say("Gold, or");
  await chat.say("Your price?");
  await chat.hears("Gold, or");
  turn.cut();
  await chat.hears("The model broke off.");
  model.say(" silver.");
  await chat.button("Go on from here").click();
  await chat.hears("Gold, or silver.");
  await chat.isQuiet();
  expect((await kept(person, chat)).at(-1)?.content).toBe("Gold, or silver.");
});

test("why an answer is as it is: what was known, what was sent, what it took @phone", async ({
  signedIn,
  person,
  model,
}) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  model.say("In leather.");
  await chat.say("How did you win the duel at the Eyrie?");
  await chat.hears("In leather.");
  await chat.isQuiet();
  await chat.button("Why this answer?").click();
  const panel = signedIn.getByRole("dialog", { name: "Why this answer?" });
  await expect(panel.getByText("used", { exact: true }).first()).toBeVisible();
  await expect(panel.getByText("What the prompt is made of")).toBeVisible();
  await panel.getByText("The exact prompt").click();
  await expect(panel.locator("pre").last()).toHaveText("How did you win the duel at the Eyrie?");
  await signedIn.keyboard.press("Escape");
  await expect(panel).toBeHidden();
});

test("what the model thinks can be read while it does", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const turn = model.turn();
  turn.think("A fool, or a friend?");
  await chat.say("Well?");
  await chat.replies.last().getByText("Thinking…").click();
  await chat.hears("A fool, or a friend?");
  turn.say("Aye.");
  turn.end();
  await chat.hears("Aye.");
});

test("the title is changed in its place", async ({ signedIn, person }) => {
  const chat = await newChat(person, signedIn, { title: "At the inn" });
  await chat.open();
  const heading = signedIn.getByRole("heading", { level: 1 });
  await heading.hover();
  await signedIn.getByRole("button", { name: "Rename" }).click();
  await signedIn.getByLabel("Title").fill("A price was named");
  await signedIn.keyboard.press("Enter");
  await expect(heading).toHaveText("A price was named");
  await signedIn.reload();
  await expect(heading).toHaveText("A price was named");
});

test("replies are read out when they have ended, and not before", async ({ signedIn, person, model }) => {
  const chat = await newChat(person, signedIn);
  await chat.open();
  const log = signedIn.getByRole("log");
  const turn = model.turn();
  turn.say("Gold");
  await chat.say("Well?");
  await chat.hears("Gold");
  await expect(log).toHaveText("Bronn is writing");
  turn.say(" *first*.");
  turn.end();
  await expect(log).toHaveText("Bronn: Gold first.");
});
