import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { Button } from "@/components/Button.tsx";
import { Ornament } from "@/components/Ornament.tsx";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { common, errors } from "@/strings/index.ts";

/** In place of a page that could not be shown: its code could not be fetched, or the app has a mistake. */
export function CrashPage({ reset }: ErrorComponentProps) {
  const router = useRouter();
  // Offline, loading the app anew would be the end of it.
  const offline = !navigator.onLine;
  const text = offline ? errors.offline : errors.crash;
  const retry = async () => {
    await router.invalidate();
    reset();
  };
  return (
    <div role="alert" className="grid flex-1 place-content-center justify-items-center gap-5 px-6 py-16 text-center">
      <DocumentTitle title={text.title} />
      <Ornament />
      <PageHeading>{text.title}</PageHeading>
      <p className="max-w-md text-ink-soft">{text.detail}</p>
      {offline ? (
        <Button onClick={() => void retry()}>{common.retry}</Button>
      ) : (
        <Button variant="primary" onClick={() => globalThis.location.reload()}>
          {errors.crash.reload}
        </Button>
      )}
    </div>
  );
}
