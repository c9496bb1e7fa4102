import { Ornament } from "@/components/Ornament.tsx";
import { home as text } from "@/strings/index.ts";

/** What somebody may want to know before they make an account. */
export function Promises() {
  return (
    <section
      aria-labelledby="promises"
      className="grid justify-items-center gap-8 border-t border-rule pt-12 text-center"
    >
      <h2 id="promises" className="text-2xl sm:text-3xl">
        {text.promisesTitle}
      </h2>
      <ul className="grid gap-8 sm:grid-cols-3">
        {text.promises.map(({ title, detail }) => (
          <li key={title} className="grid content-start gap-2">
            <h3 className="text-xl">{title}</h3>
            <p className="text-ink-soft">{detail}</p>
          </li>
        ))}
      </ul>
      <Ornament />
    </section>
  );
}
