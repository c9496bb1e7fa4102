import { expect, test } from "./fixtures.ts";

test("whoever signs in is led to their chats @phone", async ({ signedIn }) => {
  await expect(signedIn.getByRole("heading", { name: "Chats", level: 1 })).toBeVisible();
});
