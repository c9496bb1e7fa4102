export { createClient } from "./client.ts";
export { ApiError, errorFrom, errorOf } from "./error.ts";
export type { components, paths } from "./schema.ts";
export type { Server } from "./server.ts";
export { BrokenStreamError, eventsIn, stream } from "./stream.ts";
export type { ChatEvent, Prompt } from "./stream.ts";
