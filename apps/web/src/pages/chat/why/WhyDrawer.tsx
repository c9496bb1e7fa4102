import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Generation, generationQuery } from "@/api/generations.ts";
import { Drawer } from "@/components/Drawer.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { why as text } from "@/strings/index.ts";
import { Knowledge } from "./Knowledge.tsx";
import { LeftOut } from "./LeftOut.tsx";
import { Lore } from "./Lore.tsx";
import { Tokens } from "./Tokens.tsx";

/** How a reply came about: what was known, what was sent, what it took. */
export default function WhyDrawer({ generation, onClose }: { generation: string; onClose: () => void }) {
  return (
    <Drawer open onClose={onClose} title={text.title}>
      <Loaded query={useQuery(generationQuery(generation))} skeleton={<WhySkeleton />}>
        {(run) => <Why run={run} />}
      </Loaded>
    </Drawer>
  );
}

function Why({ run }: { run: Generation }) {
  const { explanation, prompt, reasoning } = run;
  if (run.status === "running") return <EmptyState title={text.running} />;
  return (
    <div className="grid gap-9">
      <Facts run={run} />
      {explanation === null ? (
        <p className="text-ink-soft">{text.none}</p>
      ) : (
        <>
          <Knowledge explanation={explanation} />
          <Lore lore={explanation.lore} />
          <Tokens tokens={explanation.tokens} budget={explanation.budget} />
          <LeftOut explanation={explanation} />
        </>
      )}
      {reasoning && (
        <Fold title={text.thoughts}>
          <p className="whitespace-pre-wrap">{reasoning}</p>
        </Fold>
      )}
      {prompt && (
        <Fold title={text.prompt.title}>
          <ol className="grid gap-4">
            {prompt.map(({ role, content }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: what was sent does not change.
              <li key={index}>
                <p className="eyebrow">{text.prompt.roles[role]}</p>
                <pre className="font-mono text-xs leading-relaxed break-words whitespace-pre-wrap">{content}</pre>
              </li>
            ))}
          </ol>
        </Fold>
      )}
    </div>
  );
}

function Facts({ run }: { run: Generation }) {
  const { facts } = text;
  const count = (tokens: number | null) => tokens?.toLocaleString("en");
  const rows: [string, string | null | undefined][] = [
    [facts.model, run.model],
    [facts.narrator, run.explanation && facts.narrators[run.explanation.mode]],
    [facts.firstWord, run.ttft_ms === null ? null : facts.seconds(run.ttft_ms)],
    [facts.sent, count(run.usage.prompt_tokens)],
    [facts.received, count(run.usage.completion_tokens)],
    [facts.thought, count(run.usage.reasoning_tokens)],
    [facts.finished, run.finish_reason ?? run.error_code],
    [facts.persona, run.explanation && `${run.explanation.persona} ${run.explanation.version}`],
  ];
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-[0.9375rem]">
      {rows
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} className="col-span-2 grid grid-cols-subgrid">
            <dt className="text-ink-soft">{name}</dt>
            <dd className="min-w-0 break-words tabular-nums">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Fold({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="group/fold border-t border-rule pt-4">
      <summary className="cursor-pointer rounded-sm text-lg">{title}</summary>
      <div className="pt-3 text-[0.9375rem]">{children}</div>
    </details>
  );
}

function WhySkeleton() {
  return (
    <Skeletons className="grid gap-4">
      <Skeleton className="h-28" />
      <Skeleton className="h-40" />
      <Skeleton className="h-24" />
    </Skeletons>
  );
}
