import { clsx } from "clsx";
import { type ReactNode, useRef } from "react";
import { common } from "@/strings/index.ts";
import { useNavigationFocus } from "./navigationFocus.ts";

type PageProps = {
  /** The title of the document and the heading of the page. */
  title: string;
  lead?: ReactNode;
  /** Buttons beside the heading. */
  actions?: ReactNode;
  /** `narrow` for forms, `measure` for what is read, `wide` for what is looked through. */
  width?: "narrow" | "measure" | "wide";
  children?: ReactNode;
};

const widths = { narrow: "max-w-md", measure: "max-w-2xl", wide: "max-w-6xl" };

/** A page that scrolls with the window, with its heading. */
export function Page({ title, lead, actions, width = "wide", children }: PageProps) {
  return (
    <div className={clsx("mx-auto w-full px-4 py-8 sm:px-8 sm:py-12", widths[width])}>
      <DocumentTitle title={title} />
      <header className="mb-8 flex flex-wrap items-end justify-between gap-4">
        <div>
          <PageHeading>{title}</PageHeading>
          {lead && <p className="mt-2 text-lg text-ink-soft">{lead}</p>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}

/** What the tab is called. */
export function DocumentTitle({ title }: { title: string }) {
  return <title>{title === common.appName ? title : `${title} · ${common.appName}`}</title>;
}

/** The one `h1` of a page. It takes the focus after a navigation. */
export function PageHeading({ children, className }: { children: ReactNode; className?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useNavigationFocus(heading);
  return (
    <h1 ref={heading} tabIndex={-1} className={clsx("text-3xl sm:text-4xl", className)}>
      {children}
    </h1>
  );
}
