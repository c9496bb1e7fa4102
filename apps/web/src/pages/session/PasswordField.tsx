import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { controlLook, Field } from "@/components/Field.tsx";
import { IconButton } from "@/components/IconButton.tsx";
import { session as text } from "@/strings/index.ts";

type PasswordFieldProps = Omit<ComponentProps<"input">, "type"> & {
  hint?: string | undefined;
  error?: string | undefined;
};

/** A password, which can be looked at. */
export function PasswordField({ hint, error, ...rest }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={text.password} hint={hint} error={error}>
      {(control) => (
        <div className="relative">
          <input {...rest} {...control} type={shown ? "text" : "password"} className={`${controlLook} pr-12`} />
          <IconButton
            icon={shown ? EyeOff : Eye}
            label={shown ? text.hidePassword : text.showPassword}
            className="absolute inset-y-0 right-1 my-auto"
            onClick={() => setShown(!shown)}
          />
        </div>
      )}
    </Field>
  );
}
