// Somebody's things: chats, a character of their own, and a profile, for what wants to look at pages with something on them.
import type { Person } from "./fixtures.ts";

export const wren = {
  slug: "wren",
  name: "Wren",
  description: "{{char}} runs the night ferry at Saltmouth and trusts nobody who whistles.",
  personality: "Dry, watchful, kinder than she lets on.",
  scenario: "The last crossing before the storm. {{user}} is the only passenger.",
  greeting: "Mind the plank, it is wet. You are the last one tonight, and you look it.",
  alternate_greetings: ["You are late. So is the tide."],
  example_dialogue: "<START>\n{{user}}: Is it safe?\n{{char}}: Mostly. Sit in the middle and it is safer.",
  tags: ["ferry", "night"],
  knowledge: [
    {
      id: "bell",
      tags: ["bell", "storm"],
      summary: "The drowned bell rings before a storm.",
      ic_reply: "Hear that? Row.",
    },
    { id: "fare", tags: ["fare", "price", "pay"], summary: "The fare is a copper, two after midnight." },
  ],
};

type Conversation = { id: string };

/** Gives a person a character of their own. Its short name, for another person's may have the same. */
export async function writeWren({ ask }: Person): Promise<string> {
  return (await ask<{ slug: string }>("POST", "/personas", wren)).slug;
}

/** Opens a chat in which this was said. Its id. */
export async function openChat({ ask }: Person, character: string, title: string, ...said: string[]): Promise<string> {
  const { id } = await ask<Conversation>("POST", "/conversations", { character, title, greeting: true });
  for (const content of said) await ask("POST", `/conversations/${id}/messages/create`, { content });
  return id;
}

/** Gives a person something of everything. */
export async function furnish(person: Person): Promise<{ character: string; chat: string }> {
  await person.ask("PUT", "/me", {
    display_name: "Ada",
    description: "{{user}} draws maps of coasts nobody sails to.",
  });
  const character = await writeWren(person);
  await openChat(person, "Captain Nemo", "Below the ice", "How thick is the ice above us?");
  await openChat(person, "Bronn", "What a duel costs", "What is your price for a duel?");
  await openChat(person, "Bronn", "The road to the Eyrie");
  await openChat(person, "Cheshire Cat", "");
  const chat = await openChat(person, "Wren", "The last crossing", "Is that the bell?");
  return { character, chat };
}
