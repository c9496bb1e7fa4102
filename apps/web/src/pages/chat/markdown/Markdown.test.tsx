import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Markdown } from "./Markdown.tsx";

const html = (text: string) => render(<Markdown text={text} />).container.innerHTML;

test("actions, emphasis and lines are set as they were meant", () => {
  expect(html("*He nods.*\n**Gold**")).toContain("<p><em>He nods.</em>\n<strong>Gold</strong></p>");
});

test("no HTML of a text becomes a part of the page", () => {
  const { container } = render(<Markdown text={'<img src="x" onerror="alert(1)"> <b>bold</b>'} />);
  expect(container.querySelector("img, b")).toBeNull();
  expect(container.textContent).toBe('<img src="x" onerror="alert(1)"> <b>bold</b>');
});

test("a picture is not loaded: it is its description, with a link that says where it leads", () => {
  const { container } = render(<Markdown text="![A map](https://pictures.example/map.png)" />);
  expect(container.querySelector("img")).toBeNull();
  const link = screen.getByRole("link");
  expect(link.textContent).toBe("A map (pictures.example)");
  expect(link.getAttribute("rel")).toContain("noopener");
});

test.each(["javascript:alert(1)", "data:text/html,x", "vbscript:x", "/settings"])("%s is no link", (url) => {
  const { container } = render(<Markdown text={`[click](${url})`} />);
  expect(container.querySelector("a")).toBeNull();
  expect(container.textContent).toBe("click");
});

test("an address that is written out needs no host beside it", () => {
  render(<Markdown text="See https://example.org/inn." />);
  expect(screen.getByRole("link").textContent).toBe("https://example.org/inn");
});
