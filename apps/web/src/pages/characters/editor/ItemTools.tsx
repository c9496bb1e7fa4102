import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { IconButton } from "@/components/IconButton.tsx";

type ItemToolsProps = {
  labels: { up: string; down: string; remove: string };
  at: number;
  count: number;
  onMove: (to: number) => void;
  onRemove: () => void;
};

/** What can be done with an item of a list: move it, and take it away. */
export function ItemTools({ labels, at, count, onMove, onRemove }: ItemToolsProps) {
  return (
    <div className="flex shrink-0">
      <IconButton icon={ArrowUp} label={labels.up} disabled={at === 0} onClick={() => onMove(at - 1)} />
      <IconButton icon={ArrowDown} label={labels.down} disabled={at === count - 1} onClick={() => onMove(at + 1)} />
      <IconButton icon={Trash2} label={labels.remove} onClick={onRemove} />
    </div>
  );
}
