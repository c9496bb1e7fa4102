import { clsx } from "clsx";
import { useId } from "react";

type ChoiceProps<Value extends string> = {
  label: string;
  /** Whether the label is read out and not shown, where the options say enough. */
  hideLabel?: boolean;
  value: Value;
  options: { value: Value; label: string }[];
  onChange: (value: Value) => void;
};

/** One of a few, all of them in sight. */
export function Choice<Value extends string>({
  label,
  hideLabel = false,
  value,
  options,
  onChange,
}: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className="grid gap-1.5">
      <legend className={hideLabel ? "sr-only" : "mb-1.5 font-medium"}>{label}</legend>
      <div className="inline-flex flex-wrap gap-1 justify-self-start rounded-lg border border-rule bg-shade p-1">
        {options.map((option) => (
          <label
            key={option.value}
            className={clsx(
              "cursor-pointer rounded-md px-4 py-2 text-sm text-ink-soft transition-colors hover:text-ink",
              "has-checked:bg-sheet has-checked:text-ink has-checked:shadow-page",
              "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            )}
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
