import { memo, useMemo, useRef } from "react";
import { type Block, type Blocks, parse, parseGrowing } from "./blocks.ts";
import { heal } from "./heal.ts";
import { render } from "./nodes.tsx";

type MarkdownProps = {
  text: string;
  /** Whether it is being written. */
  growing?: boolean;
  /** Whether it was broken off, and so may end in the middle of anything. */
  cut?: boolean;
};

/** Text as people and characters write it: Markdown, with *actions* in italics. */
export const Markdown = memo(function Markdown({ text, growing = false, cut = false }: MarkdownProps) {
  const before = useRef<Blocks>(undefined);
  const { blocks } = useMemo(() => {
    const parsed = growing ? parseGrowing(text, before.current) : parse(cut ? heal(text) : text);
    before.current = growing ? parsed : undefined;
    return parsed;
  }, [text, growing, cut]);
  return (
    <div className={growing ? "prose growing" : "prose"}>
      {blocks.map((block) => (
        <Rendered key={block.start} block={block} />
      ))}
    </div>
  );
});

/** A block is drawn anew only where its text has changed. */
const Rendered = memo(
  ({ block }: { block: Block }) => render(block.node),
  (one, other) => one.block.source === other.block.source,
);
