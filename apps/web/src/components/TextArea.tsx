import { clsx } from "clsx";
import { type ComponentProps, type RefObject, useLayoutEffect, useRef } from "react";

const growsByItself = () => globalThis.CSS?.supports?.("field-sizing", "content") ?? false;

/**
 * A box for text of many lines that is as high as its text, up to the `max-height` of its class. It has no frame of its own:
 * give it `controlLook` where it stands in a form.
 */
export function TextArea({
  className,
  ref,
  ...rest
}: Omit<ComponentProps<"textarea">, "ref"> & { ref?: RefObject<HTMLTextAreaElement | null> }) {
  const own = useRef<HTMLTextAreaElement>(null);
  const box = ref ?? own;
  // For browsers that cannot do it in CSS. Every render may have brought another text.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || growsByItself()) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`;
  });
  return <textarea rows={1} {...rest} ref={box} className={clsx("field-sizing-content resize-none", className)} />;
}
