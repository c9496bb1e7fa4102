import { expect, test } from "vitest";
import { type Blocks, parse, parseGrowing } from "./blocks.ts";

const TEXT = `*He leans back.* "Gold first."

1. Find the man.
2. Ask his price:
   - in gold
   - in land

> What did he say?
> Nothing.

\`\`\`
*code*

more
\`\`\`

| who | price |
| --- | --- |
| Bronn | **double** |

Last words, [here](https://example.org).`;

const shape = ({ blocks }: Blocks) => blocks.map(({ start, source, node }) => [start, source, node.type]);

test("a text that came letter by letter ends with the blocks that it has as a whole", () => {
  let growing: Blocks | undefined;
  for (let end = 1; end <= TEXT.length; end++) growing = parseGrowing(TEXT.slice(0, end), growing);
  expect(growing && shape(growing)).toEqual(shape(parse(TEXT)));
});

test("what was said before the last block is not read again", () => {
  const before = parseGrowing("One.\n\nTwo.\n\nThr", undefined);
  const after = parseGrowing("One.\n\nTwo.\n\nThree.", before);
  expect(after.blocks[0]).toBe(before.blocks[0]);
  expect(after.blocks[1]).toBe(before.blocks[1]);
  expect(after.blocks[2]?.source).toBe("Three.");
});

test("another text than the one before is read from its beginning", () => {
  const before = parseGrowing("One.\n\nTwo.", undefined);
  expect(shape(parseGrowing("Uno.\n\nDue.", before))).toEqual(shape(parse("Uno.\n\nDue.")));
});

test("HTML is text", () => {
  const [block] = parse("<script>alert(1)</script>").blocks;
  expect(block?.node).toMatchObject({ type: "paragraph", children: [{ value: "<script>alert(1)</script>" }] });
});
