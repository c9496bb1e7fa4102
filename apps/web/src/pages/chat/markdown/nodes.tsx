import type { Nodes, PhrasingContent, RootContent, Table } from "mdast";
import { Fragment, type ReactNode } from "react";
import { linkTo } from "./links.ts";

// What has no entry here is not shown. Nothing makes HTML of a text, and nothing loads anything: a picture is its description,
// with a link to it.

/** A node of Markdown as a part of the page. */
export function render(node: RootContent): ReactNode {
  switch (node.type) {
    case "text":
      return node.value;
    case "paragraph":
      return <p>{all(node.children)}</p>;
    case "emphasis":
      return <em>{all(node.children)}</em>;
    case "strong":
      return <strong>{all(node.children)}</strong>;
    case "delete":
      return <del>{all(node.children)}</del>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "break":
      return <br />;
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled, with the keyboard as well.
        <pre tabIndex={0}>
          <code>{node.value}</code>
        </pre>
      );
    case "heading":
      // The headings of the page are the app's own.
      return <p className="font-medium">{all(node.children)}</p>;
    case "blockquote":
      return <blockquote>{all(node.children)}</blockquote>;
    case "list":
      return node.ordered ? <ol start={node.start ?? 1}>{all(node.children)}</ol> : <ul>{all(node.children)}</ul>;
    case "listItem":
      return <li>{all(node.children)}</li>;
    case "thematicBreak":
      return <hr />;
    case "table":
      return <TableOf table={node} />;
    case "link":
      return <LinkTo url={node.url}>{node.children}</LinkTo>;
    case "image":
      return <LinkTo url={node.url}>{[{ type: "text", value: node.alt || node.url }]}</LinkTo>;
    case "linkReference":
      return all(node.children);
    case "imageReference":
      return node.alt;
    default:
      return null;
  }
}

function all(nodes: RootContent[]): ReactNode {
  return nodes.map((node) => <Fragment key={placeOf(node)}>{render(node)}</Fragment>);
}

/** Where in its block a node stands, which is what tells it from the others. */
function placeOf(node: Nodes): number | undefined {
  return node.position?.start.offset;
}

function LinkTo({ url, children }: { url: string; children: PhrasingContent[] }) {
  const target = linkTo(url);
  if (target === undefined) return all(children);
  return (
    <a
      href={target.href}
      target="_blank"
      rel="noopener noreferrer nofollow ugc"
      referrerPolicy="no-referrer"
      className="link"
    >
      {all(children)}
      {!textOf(children).includes(target.host) && <span className="text-sm text-ink-soft"> ({target.host})</span>}
    </a>
  );
}

function TableOf({ table }: { table: Table }) {
  const [head, ...rows] = table.children;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled, with the keyboard as well.
    <div className="overflow-x-auto" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head?.children.map((cell) => (
              <th key={placeOf(cell)}>{all(cell.children)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={placeOf(row)}>
              {row.children.map((cell) => (
                <td key={placeOf(cell)}>{all(cell.children)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function textOf(nodes: Nodes[]): string {
  return nodes.map((node) => ("children" in node ? textOf(node.children) : "value" in node ? node.value : "")).join("");
}
