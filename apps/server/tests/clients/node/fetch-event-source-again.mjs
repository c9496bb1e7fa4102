// The client that stands in for a browser's EventSource, where the connection breaks: it asks again by itself.
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { print, request, url } from "./reader.mjs";

// As much of a browser as it asks for: a page that is always in front, and timers.
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
globalThis.window = { setTimeout, clearTimeout };

const done = new AbortController();
await fetchEventSource(url, {
  ...request,
  fetch,
  signal: done.signal,
  onmessage: ({ event, data, id }) => {
    print(event, data, id);
    if (event === "end") done.abort();
  },
  // How long it waits before it asks again, in milliseconds.
  onerror: () => 1,
});
