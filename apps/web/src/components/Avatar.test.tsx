import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Avatar, initials } from "./Avatar.tsx";

test.each([
  ["Bronn", "B"],
  ["Captain Nemo", "CN"],
  ["ser Bronn of the Blackwater", "SB"],
  ["éowyn", "É"],
  ["🐈 Cheshire", "🐈C"],
  ["  ", ""],
])("the initials of %j are %j", (name, letters) => {
  expect(initials(name)).toBe(letters);
});

test("a picture that does not load gives way to the initials", () => {
  const { container } = render(<Avatar name="Captain Nemo" picture="/gone.png" />);
  const picture = container.querySelector("img");
  if (picture === null) throw new Error("no picture");
  fireEvent.error(picture);
  expect(screen.getByText("CN")).toBeTruthy();
});
