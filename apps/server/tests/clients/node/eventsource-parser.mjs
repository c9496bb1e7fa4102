// The parser that most of the JavaScript world reads models with.
import { createParser } from "eventsource-parser";
import { fetchAndKeep, print, printBytes, request, url } from "./reader.mjs";

const response = await fetchAndKeep(url, request);
const parser = createParser({
  onEvent: ({ event, data, id }) => print(event, data, id),
  onError: (error) => {
    throw error;
  },
});
const decoder = new TextDecoder();
for await (const bytes of response.body) parser.feed(decoder.decode(bytes, { stream: true }));
printBytes();
