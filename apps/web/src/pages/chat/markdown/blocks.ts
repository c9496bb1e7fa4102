import type { RootContent } from "mdast";
import { fromMarkdown, type Options } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { gfmTable } from "micromark-extension-gfm-table";
import { heal } from "./heal.ts";

/** A paragraph, a list, … at the top of a text. */
export type Block = {
  /** Where in the text it begins. */
  start: number;
  /** Its own text: the same text makes the same block. */
  source: string;
  node: RootContent;
};

export type Blocks = { source: string; blocks: Block[] };

const options: Options = {
  extensions: [
    gfmAutolinkLiteral(),
    gfmStrikethrough(),
    gfmTable(),
    // HTML is text like any other. A line that is set in is no code: people and characters set in as they like.
    { disable: { null: ["htmlFlow", "htmlText", "codeIndented"] } },
  ],
  mdastExtensions: [gfmAutolinkLiteralFromMarkdown(), gfmStrikethroughFromMarkdown(), gfmTableFromMarkdown()],
};

/** The blocks of a whole text. */
export function parse(source: string): Blocks {
  return { source, blocks: blocksAt(source, 0) };
}

/**
 * The blocks of a text that is being written, given those that it had before. Only its last block can become another one by what
 * is added to the end, so the others are the same objects as before; and what is open at its end is closed.
 */
export function parseGrowing(source: string, before: Blocks | undefined): Blocks {
  const last = before !== undefined && source.startsWith(before.source) ? before.blocks.at(-1) : undefined;
  if (before === undefined || last === undefined) return { source, blocks: blocksAt(heal(source), 0) };
  const rest = blocksAt(heal(source.slice(last.start)), last.start);
  return { source, blocks: [...before.blocks.slice(0, -1), ...rest] };
}

function blocksAt(text: string, offset: number): Block[] {
  return fromMarkdown(text, options).children.map((node) => {
    const start = node.position?.start.offset ?? 0;
    return { start: offset + start, source: text.slice(start, node.position?.end.offset), node };
  });
}
