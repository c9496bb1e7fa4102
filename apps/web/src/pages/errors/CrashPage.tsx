import { Button } from "@/components/Button.tsx";
import { Ornament } from "@/components/Ornament.tsx";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { errors } from "@/strings/index.ts";

/** In place of a page that could not be shown: the app has a mistake, or its code could not be fetched. */
export function CrashPage() {
  const text = navigator.onLine ? errors.crash : { ...errors.crash, ...errors.unreachable };
  return (
    <div role="alert" className="grid flex-1 place-content-center justify-items-center gap-5 px-6 py-16 text-center">
      <DocumentTitle title={text.title} />
      <Ornament />
      <PageHeading>{text.title}</PageHeading>
      <p className="max-w-md text-ink-soft">{text.detail}</p>
      <Button variant="primary" onClick={() => globalThis.location.reload()}>
        {text.reload}
      </Button>
    </div>
  );
}
