import { Switch as Primitive } from "@base-ui/react/switch";
import { type ReactNode, useId } from "react";

type SwitchProps = { label: ReactNode; hint?: ReactNode; checked: boolean; onChange: (checked: boolean) => void };

/** Something that is on or off, at once. */
export function Switch({ label, hint, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <Primitive.Root
        aria-labelledby={`${id}-label`}
        {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
        checked={checked}
        onCheckedChange={onChange}
        className="mt-0.5 flex h-6 w-11 shrink-0 items-center rounded-full border border-edge bg-shade p-0.5 transition-colors data-checked:border-accent data-checked:bg-accent"
      >
        <Primitive.Thumb className="size-4.5 rounded-full bg-edge transition-transform data-checked:translate-x-5 data-checked:bg-on-accent" />
      </Primitive.Root>
      <div>
        <span id={`${id}-label`}>{label}</span>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-ink-soft">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
