// Every component in every state, for whoever develops: `npm run dev`, then /gallery.html. It is in no build.
import { Copy, MoreVertical, Pencil, Trash2, WifiOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Avatar } from "@/components/Avatar.tsx";
import { Banner } from "@/components/Banner.tsx";
import { Button } from "@/components/Button.tsx";
import { ConfirmDialog } from "@/components/ConfirmDialog.tsx";
import { Dialog } from "@/components/Dialog.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { ErrorState } from "@/components/ErrorState.tsx";
import { controlLook, Field, TextField } from "@/components/Field.tsx";
import { IconButton } from "@/components/IconButton.tsx";
import { Menu, MenuItem, MenuRule } from "@/components/Menu.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { Spinner } from "@/components/Spinner.tsx";
import { Switch } from "@/components/Switch.tsx";
import { Tabs } from "@/components/Tabs.tsx";
import { TextArea } from "@/components/TextArea.tsx";
import { notify } from "@/components/toasts.ts";
import { ThemeChoice } from "@/theme/ThemeChoice.tsx";

const text =
  "The fire had burned low, and the innkeeper had long since gone up to bed; but the sellsword was still talking, and nobody had the heart, or the courage, to stop him.";

export function Gallery() {
  return (
    <main className="mx-auto grid max-w-4xl gap-12 px-4 py-10">
      <h1 className="text-4xl">Components</h1>
      <ThemeChoice />
      <Part title="Text">
        <p className="eyebrow">Chapter the first</p>
        <p className="drop-cap max-w-measure">
          {text} {text}{" "}
          <a href="#top" className="link">
            A word to the reader
          </a>
          .
        </p>
      </Part>
      <Part title="Buttons">
        <Row>
          <Button variant="primary">Primary</Button>
          <Button>Quiet</Button>
          <Button variant="plain">Plain</Button>
          <Button variant="danger">Danger</Button>
          <Button variant="primary" busy>
            Busy
          </Button>
          <Button disabled>Disabled</Button>
          <Button size="small">Small</Button>
          <IconButton icon={Copy} label="Copy" />
          <Spinner />
        </Row>
      </Part>
      <Part title="Fields">
        <TextField label="A field" hint="What belongs in it." defaultValue="Captain Nemo" />
        <TextField label="A field with an error" error="This is not how it is done." placeholder="Empty" />
        <Field label="Text that grows">
          {(control) => <TextArea {...control} defaultValue={text} className={`${controlLook} max-h-60`} />}
        </Field>
        <SwitchExample />
      </Part>
      <Part title="Above the page">
        <AboveThePage />
      </Part>
      <Part title="Faces">
        <Row>
          {["Bronn", "Captain Nemo", "Cheshire Cat", "Éowyn"].map((name) => (
            <Avatar key={name} name={name} picture={null} />
          ))}
          <Avatar name="Sherlock Holmes" picture={null} size="small" />
          <Avatar name="Sherlock Holmes" picture={null} size="large" />
        </Row>
      </Part>
      <Part title="Views">
        <Tabs
          label="Views"
          tabs={[
            { value: "one", label: "Knowledge", content: <p>{text}</p> },
            { value: "two", label: "Prompt", content: <p>Another one.</p> },
          ]}
        />
      </Part>
      <Part title="States">
        <Banner icon={WifiOff}>You are offline.</Banner>
        <Banner icon={WifiOff} tone="danger" action={<Button size="small">Do something</Button>}>
          Something is wrong that stays so.
        </Banner>
        <Skeletons className="grid gap-2">
          <Skeleton className="h-6 w-1/2" />
          <Skeleton className="h-20" />
        </Skeletons>
        <EmptyState title="Nothing yet" detail="Something will be here.">
          <Button variant="primary">Begin</Button>
        </EmptyState>
        <ErrorState error={new TypeError("Failed to fetch")} onRetry={() => notify({ text: "Tried again." })} />
      </Part>
    </main>
  );
}

function AboveThePage() {
  const [open, setOpen] = useState<"dialog" | "confirm">();
  const close = () => setOpen(undefined);
  return (
    <Row>
      <Button onClick={() => setOpen("dialog")}>Dialog</Button>
      <Dialog
        open={open === "dialog"}
        onClose={close}
        title="A dialog"
        description={text}
        actions={<Button onClick={close}>Good</Button>}
      >
        <TextField label="Something to enter" />
      </Dialog>
      <Button onClick={() => setOpen("confirm")}>Confirm</Button>
      <ConfirmDialog
        open={open === "confirm"}
        onClose={close}
        title="Delete all of Bronn's chats?"
        description="There are twelve. They cannot be brought back."
        confirm="Delete them"
        onConfirm={close}
      />
      <Menu trigger={<IconButton icon={MoreVertical} label="More" />}>
        <MenuItem icon={Pencil} onSelect={() => notify({ text: "Renamed." })}>
          Rename
        </MenuItem>
        <MenuRule />
        <MenuItem icon={Trash2} danger onSelect={() => notify({ text: "Deleted.", undo: () => undefined })}>
          Delete
        </MenuItem>
      </Menu>
      <Button onClick={() => notify({ text: "The chat is gone.", undo: () => notify({ text: "It is back." }) })}>
        Toast
      </Button>
    </Row>
  );
}

function SwitchExample() {
  const [on, setOn] = useState(true);
  return <Switch label="Ask the narrator" hint="Out of character, for one turn." checked={on} onChange={setOn} />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-4">
      <h2 className="border-b border-rule pb-1 text-2xl">{title}</h2>
      {children}
    </section>
  );
}

function Row({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-3">{children}</div>;
}
