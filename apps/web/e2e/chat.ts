import type { Page } from "@playwright/test";
import { expect, type Person } from "./fixtures.ts";

/** A conversation on a page, in the words of those who use it. */
export class Chat {
  readonly page: Page;
  readonly id: string;

  constructor(page: Page, id: string) {
    this.page = page;
    this.id = id;
  }

  get box() {
    return this.page.getByRole("textbox", { name: /^What you say/ });
  }

  get replies() {
    return this.page.getByRole("article", { name: "Bronn" });
  }

  get prompts() {
    return this.page.getByRole("article", { name: "You" });
  }

  get stop() {
    return this.page.getByRole("button", { name: "Stop" });
  }

  /** A button of the last reply. */
  button(name: string) {
    return this.replies.last().getByRole("button", { name });
  }

  async open(): Promise<void> {
    await this.page.goto(`/chats/${this.id}`);
    await expect(this.box).toBeVisible();
  }

  async say(prompt: string): Promise<void> {
    await this.box.fill(prompt);
    await this.box.press("Enter");
  }

  /** Waits until the last reply shows this. */
  async hears(words: string): Promise<void> {
    await expect(this.replies.last()).toContainText(words);
  }

  /** Waits until nothing is being written any more. */
  async isQuiet(): Promise<void> {
    await expect(this.page.getByRole("button", { name: "Send" })).toBeVisible();
    await expect(this.page.locator("[aria-busy=true]")).toHaveCount(0);
  }
}

export type Kept = { role: string; content: string; status: string };

/** A new conversation with Bronn. */
export async function newChat(person: Person, page: Page, more: object = {}): Promise<Chat> {
  const { id } = await person.ask<{ id: string }>("POST", "/conversations", { character: "Bronn", ...more });
  return new Chat(page, id);
}

/** What the server has kept of a conversation. */
export async function kept(person: Person, { id }: Chat): Promise<Kept[]> {
  const { messages } = await person.ask<{ messages: Kept[] }>("GET", `/conversations/${id}`);
  return messages.map(({ role, content, status }) => ({ role, content, status }));
}
