import { clsx } from "clsx";
import { type ComponentProps, type ReactNode, useId } from "react";

/** What makes a control belong to its label, its hint and its error. */
type ControlProps = { id: string; "aria-describedby"?: string; "aria-invalid"?: true };

type FieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with what was entered. It is read out when it comes up. */
  error?: ReactNode;
  children: (control: ControlProps) => ReactNode;
};

/** How everything looks that can be written in. */
export const controlLook = clsx(
  "w-full rounded-md border border-edge bg-sheet px-3.5 py-2.5 text-ink shadow-[inset_0_1px_2px_rgb(0_0_0/0.06)]",
  "transition-colors hover:border-ink-soft aria-invalid:border-danger disabled:opacity-60",
);

/** A control with its label above, its hint and its error below. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({
        id,
        ...(describedBy && { "aria-describedby": describedBy }),
        ...(error ? { "aria-invalid": true as const } : {}),
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-ink-soft">
          {hint}
        </p>
      )}
      <div aria-live="polite" className="not-has-[p]:-mt-1.5">
        {error && (
          <p id={`${id}-error`} className="text-sm font-medium text-danger">
            {error}
          </p>
        )}
      </div>
    </div>
  );
}

/** A field of one line. */
export function TextField({
  label,
  hint,
  error,
  className,
  ...rest
}: ComponentProps<"input"> & Omit<FieldProps, "children">) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <input {...rest} {...control} className={clsx(controlLook, className)} />}
    </Field>
  );
}
