// Every sentence that a person reads, by area. Another language is another folder beside `en` with the same files, each of
// the type of the English one; which of them stands here is this file's to say.
export { characters } from "./en/characters.ts";
export { chat } from "./en/chat.ts";
export { chats } from "./en/chats.ts";
export { common } from "./en/common.ts";
export { editor } from "./en/editor.ts";
export { errors } from "./en/errors.ts";
export { home } from "./en/home.ts";
export { search } from "./en/search.ts";
export { session } from "./en/session.ts";
export { settings } from "./en/settings.ts";
export { shell } from "./en/shell.ts";
export { why } from "./en/why.ts";
