// The client that stands in for a browser's EventSource where a request has a body or a header.
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { fetchAndKeep, print, printBytes, request, url } from "./reader.mjs";

// As much of a browser as it asks for: a page that is always in front, and timers.
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
globalThis.window = { setTimeout, clearTimeout };

await fetchEventSource(url, {
  ...request,
  fetch: fetchAndKeep,
  onmessage: ({ event, data, id }) => print(event, data, id),
  onerror: (error) => {
    // It would ask again otherwise.
    throw error;
  },
});
printBytes();
