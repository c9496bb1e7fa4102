import { clsx } from "clsx";
import { useState } from "react";
import { useMe } from "@/api/me.ts";
import { Button } from "@/components/Button.tsx";
import { characters } from "@/strings/index.ts";
import { withNames } from "./macros.ts";

const text = characters.page;

/** From how many letters on a description is folded: cards may bring pages of it. */
const LONG = 700;

/** Who a character is, in the words of whoever wrote it. */
export function Description({ name, children }: { name: string; children: string }) {
  const { data: me } = useMe();
  const [whole, setWhole] = useState(false);
  const shown = withNames(children, { char: name, user: me?.display_name || text.somebody });
  const isFolded = shown.length > LONG && !whole;
  return (
    <div className="grid justify-items-start gap-2">
      <p className={clsx("text-lg whitespace-pre-line", isFolded && "line-clamp-8")}>{shown}</p>
      {isFolded && (
        <Button size="small" variant="plain" className="-ml-3" onClick={() => setWhole(true)}>
          {text.readOn}
        </Button>
      )}
    </div>
  );
}
