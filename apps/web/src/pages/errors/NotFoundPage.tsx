import { ButtonLink } from "@/components/Button.tsx";
import { Ornament } from "@/components/Ornament.tsx";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { errors } from "@/strings/index.ts";

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  const text = errors.noPage;
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-5 px-6 py-16 text-center">
      <DocumentTitle title={text.title} />
      <Ornament />
      <PageHeading>{text.title}</PageHeading>
      <p className="max-w-md text-ink-soft">{text.detail}</p>
      <ButtonLink to="/" variant="primary">
        {text.home}
      </ButtonLink>
    </div>
  );
}
