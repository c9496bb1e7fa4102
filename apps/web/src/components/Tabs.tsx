import { Tabs as Primitive } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

type TabsProps = { label: string; tabs: { value: string; label: ReactNode; content: ReactNode }[] };

/** Views of one thing, of which one shows. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <Primitive.Root defaultValue={tabs[0]?.value ?? null}>
      <Primitive.List aria-label={label} className="flex gap-1 overflow-x-auto border-b border-rule">
        {tabs.map((tab) => (
          <Primitive.Tab
            key={tab.value}
            value={tab.value}
            className="-mb-px border-b-2 border-transparent px-3 py-2.5 whitespace-nowrap text-ink-soft -outline-offset-2 transition-colors hover:text-ink data-active:border-accent data-active:text-ink"
          >
            {tab.label}
          </Primitive.Tab>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Panel key={tab.value} value={tab.value} className="pt-4">
          {tab.content}
        </Primitive.Panel>
      ))}
    </Primitive.Root>
  );
}
