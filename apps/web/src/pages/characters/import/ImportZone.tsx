import { FileInput } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { characters as text } from "@/strings/index.ts";
import { ImportDialog } from "./ImportDialog.tsx";
import { ImportContext, useArrivals } from "./useImport.ts";

/** Takes the cards that are dropped anywhere in it. */
export function ImportZone({ children }: { children: ReactNode }) {
  const { arrivals, letInAll, forget } = useArrivals();
  const [over, setOver] = useState(false);
  // Entering an element within comes before leaving the one around it.
  const depth = useRef(0);

  const onDrag = (change: number) => (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth.current += change;
    setOver(depth.current > 0);
  };
  const onDrop = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    letInAll(Array.from(event.dataTransfer.files));
  };

  return (
    <ImportContext value={letInAll}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a button does the same for keyboards. */}
      <div
        className="relative flex-1"
        onDragEnter={onDrag(1)}
        onDragLeave={onDrag(-1)}
        onDragOver={(event) => event.preventDefault()}
        onDrop={onDrop}
      >
        {children}
        {over && <Veil />}
      </div>
      <ImportDialog arrivals={arrivals} onClose={forget} />
    </ImportContext>
  );
}

function Veil() {
  return (
    <div className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-veil p-6 md:left-68">
      <div className="grid size-full max-h-[min(28rem,80dvh)] max-w-3xl animate-appear place-content-center justify-items-center gap-3 rounded-2xl border-2 border-dashed border-accent bg-sheet p-6 text-center shadow-lifted">
        <FileInput aria-hidden className="size-10 text-accent" strokeWidth={1.25} />
        <p className="text-2xl">{text.import.drop}</p>
        <p className="text-ink-soft">{text.import.dropDetail}</p>
      </div>
    </div>
  );
}
