// Every state of a conversation, read with axe in both themes.
import AxeBuilder from "@axe-core/playwright";
import { newChat } from "./chat.ts";
import { expect, test } from "./fixtures.ts";

const EVERYTHING = `*He nods.* See [the inn](https://example.org), or ask for \`gold\`.

> What did he say?

1. Nothing.

\`\`\`
code
\`\`\`

| who | price |
| --- | --- |
| Bronn | **double** |`;

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong with a conversation, ${colorScheme} @phone`, async ({
    signedIn: page,
    person,
    model,
  }) => {
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const found: string[] = [];
    const look = async (state: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, nodes } of violations) {
        found.push(...nodes.map(({ target }) => `${state}: ${id} at ${target.join(" ")}`));
      }
    };
    const chat = await newChat(person, page);
    await chat.open();
    await look("empty");

    model.say(EVERYTHING);
    await chat.say("*I sit down.* Well?");
    await chat.hears("double");
    await chat.isQuiet();
    await look("reply");

    await chat.button("Why this answer?").click();
    await page.getByRole("dialog").getByText("The exact prompt").click();
    await look("why");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Author's note" }).click();
    await page.getByRole("dialog").getByLabel("Longest reply, in tokens").waitFor();
    await look("note");
    await page.keyboard.press("Escape");

    model.say("Something else.");
    await chat.button("Another reply").click();
    await chat.hears("Something else.");
    await chat.isQuiet();
    await look("siblings");

    const turn = model.turn();
    turn.think("A fool, or a friend?");
    turn.say("Gold, or");
    await chat.say("And?");
    await chat.hears("Gold, or");
    await look("running");
    turn.cut();
    await chat.hears("The model broke off.");
    await look("failed");
    await chat.button("Edit").click();
    await look("editing");
    await page.keyboard.press("Escape");
    await page.getByRole("switch", { name: "Out of character" }).click();
    await look("out of character");
    expect(found).toEqual([]);
  });
}
