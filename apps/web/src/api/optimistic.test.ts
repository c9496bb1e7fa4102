import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { showAtOnce } from "./optimistic.ts";

test("a change shows in everything below its key at once, and can be taken back", async () => {
  const client = new QueryClient();
  client.setQueryData(["chats", "list"], { title: "old" });
  client.setQueryData(["chats", "one"], { title: "older" });
  client.setQueryData(["other"], { title: "untouched" });

  const rollback = await showAtOnce<{ title: string }>(client, ["chats"], (data) => ({ ...data, title: "new" }));
  expect(client.getQueryData(["chats", "list"])).toEqual({ title: "new" });
  expect(client.getQueryData(["chats", "one"])).toEqual({ title: "new" });
  expect(client.getQueryData(["other"])).toEqual({ title: "untouched" });

  rollback();
  expect(client.getQueryData(["chats", "list"])).toEqual({ title: "old" });
  expect(client.getQueryData(["chats", "one"])).toEqual({ title: "older" });
});
