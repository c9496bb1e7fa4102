import { errorOf } from "@raconteur/api";
import { beforeEach, expect, test, vi } from "vitest";
import { Outbox, type Sending } from "./outbox.ts";

const first: Sending = { key: "1", conversation: "c", prompt: "Well?" };
const second: Sending = { key: "2", conversation: "c", prompt: "And?" };
const down = new TypeError("Failed to fetch");

beforeEach(() => localStorage.clear());

/** An outbox before a server that answers one delivery after the other so; after that it takes everything. */
function before(answers: unknown[], exclusively = (_conversation: string, run: () => Promise<void>) => run()) {
  const asked: string[] = [];
  const refused: [Sending, unknown][] = [];
  let goOn = () => {};
  const outbox = new Outbox({
    storage: localStorage,
    deliver: async ({ key }) => {
      asked.push(key);
      const answer = answers.shift();
      if (answer !== undefined) throw answer;
    },
    refused: (sending, error) => refused.push([sending, error]),
    patience: () =>
      new Promise<void>((wake) => {
        goOn = wake;
      }),
    exclusively,
  });
  const isWaiting = () => vi.waitFor(() => expect(outbox.view("c").waiting).toBe(true));
  const isEmpty = () => vi.waitFor(() => expect(outbox.view("c")).toEqual({ sendings: [], waiting: false }));
  return { outbox, asked, refused, isWaiting, isEmpty, goOn: () => goOn() };
}

test("what is sent is there until the server has it", async () => {
  const { outbox, asked, isEmpty } = before([]);
  outbox.add(first);
  expect(outbox.view("c").sendings).toEqual([first]);
  await isEmpty();
  expect(asked).toEqual(["1"]);
});

test("while the server cannot be reached everything waits, and goes out in order under the same keys", async () => {
  const { outbox, asked, isWaiting, isEmpty, goOn } = before([down]);
  outbox.add(first);
  await isWaiting();
  outbox.add(second);
  expect(outbox.view("c").sendings).toEqual([first, second]);
  expect(asked).toEqual(["1"]);
  goOn();
  await isEmpty();
  expect(asked).toEqual(["1", "1", "2"]);
});

test("a server that is busy or ending is asked again", async () => {
  const { outbox, asked, isWaiting, isEmpty, goOn } = before([errorOf(503, {})]);
  outbox.add(first);
  await isWaiting();
  goOn();
  await isEmpty();
  expect(asked).toEqual(["1", "1"]);
});

test("what the server refuses is handed back, and holds up nothing", async () => {
  const error = errorOf(400, { code: "prompt_too_long", detail: "Too long." });
  const { outbox, asked, refused, isEmpty } = before([error]);
  outbox.add(first);
  outbox.add(second);
  await isEmpty();
  expect(refused).toEqual([[first, error]]);
  expect(asked).toEqual(["1", "2"]);
});

test("what waits can be taken back", async () => {
  const { outbox, isWaiting, isEmpty, goOn, asked } = before([down]);
  outbox.add(first);
  await isWaiting();
  expect(outbox.takeBack("1")).toEqual(first);
  goOn();
  await isEmpty();
  expect(asked).toEqual(["1"]);
});

test("what one page could not send the next one sends", async () => {
  const closed = before([down]);
  closed.outbox.add(first);
  await closed.isWaiting();
  const opened = before([]);
  expect(opened.outbox.view("c").sendings).toEqual([first]);
  opened.outbox.resume();
  await opened.isEmpty();
  expect(opened.asked).toEqual(["1"]);
});

test("what another tab sends shows here, and is sent from here when that tab has gone", async () => {
  let free = () => {};
  const turn = new Promise<void>((resolve) => {
    free = resolve;
  });
  const { outbox, asked, isEmpty } = before([], (_, run) => turn.then(run));
  localStorage.setItem("raconteur.outbox", JSON.stringify([first, second]));
  outbox.resume();
  expect(outbox.view("c").sendings).toEqual([first, second]);
  // The other tab has sent one of them.
  localStorage.setItem("raconteur.outbox", JSON.stringify([second]));
  outbox.resume();
  expect(outbox.view("c").sendings).toEqual([second]);
  expect(asked).toEqual([]);
  free();
  await isEmpty();
  expect(asked).toEqual(["2"]);
});
