export const chat = {
  back: "All chats",
  messages: "What was said",
  you: "You",
  narrator: "The narrator",

  title: {
    rename: "Rename",
    label: "Title",
  },

  empty: {
    detail: (name: string) => `Nothing has been said yet. ${name} is listening.`,
    openers: "You might begin so:",
  },

  compose: {
    label: (name: string) => `What you say to ${name}`,
    placeholder: (name: string) => `Say something to ${name}…`,
    placeholderOoc: "Ask the narrator…",
    send: "Send",
    stop: "Stop",
    keys: "Enter sends, Shift + Enter begins a new line.",
    tooLong: (over: number) => `${over.toLocaleString("en")} characters too many.`,
    ooc: "Out of character",
    oocHint: "For this one turn a narrator answers instead: ask about the story, or say where it should go.",
  },

  waiting: {
    sending: "Sending…",
    queued: "Waiting for the server. It goes out by itself, once, when you are back.",
    takeBack: "Take back",
  },

  reply: {
    writing: (name: string) => `${name} is writing`,
    thinking: "Thinking…",
    thoughts: "What was thought",
    reconnecting: "The connection is gone. The reply goes on, and so does this page as soon as it can.",
    stopped: "Stopped.",
    nothing: "Nothing was said.",
    said: (name: string, words: string) => `${name}: ${words}`,
    unanswered: "There is no answer to this yet.",
    ask: "Ask for an answer",
  },

  failure: {
    codes: {
      model_unreachable: "The model could not be reached.",
      model_timeout: "The model took too long.",
      model_rate_limited: "The model has too much to do just now.",
      model_unavailable: "The model has trouble of its own.",
      model_refused: "The model refused. Whoever runs this server finds the reason in its log.",
      model_context_exceeded: "This conversation is too long for the model.",
      model_protocol: "The model answered with something that is no reply.",
      model_too_large: "The model would not stop.",
      model_cut_off: "The model broke off.",
      interrupted: "The server was restarted in the middle of this reply.",
      internal: "The server stumbled over this reply.",
    } as Record<string, string>,
    unknown: "This reply did not come to its end.",
    kept: "What was said is kept.",
    retry: "Try again",
    continue: "Go on from here",
  },

  actions: {
    label: "What to do with this message",
    copy: "Copy",
    copied: "Copied.",
    copyFailed: "The browser would not let it be copied.",
    edit: "Edit",
    regenerate: "Another reply",
    continue: "Go on",
    why: "Why this answer?",
    remove: "Delete",
    removed: (count: number) => (count === 1 ? "The message is deleted." : `${count} messages are deleted.`),
  },

  siblings: {
    label: (index: number, count: number) => `Version ${index} of ${count}`,
    previous: "The version before",
    next: "The version after",
  },

  edit: {
    label: "The words of this message",
    own: "Your words get a new answer. The old ones are kept beside them.",
    save: "Save",
    send: "Save and send",
  },

  scroll: {
    newest: "To the end",
    newText: "New text",
    older: "Loading what was said before…",
    olderFailed: "What was said before could not be loaded.",
  },

  note: {
    open: "Author's note",
    title: "Author's note",
    lead: "What only the character is told, in this conversation.",
    note: "Note",
    noteHint:
      "Such as “It is raining, and the inn is full.” It is told to the character again with each of your messages.",
    depth: "Depth",
    depthHint: "How many messages before the end it stands: 0 is the very end, where it weighs most.",
    summary: "What has happened so far",
    summaryHint: "Stands in for what is too long ago for the model to be shown.",
    model: "Model",
    usual: "The usual one",
    temperature: "Temperature",
    temperatureHint: "From 0, sober, to 2, wild. Empty means the usual one.",
    tokens: "Longest reply, in tokens",
    tokensHint: (most: number) => `At most ${most.toLocaleString("en")}. Empty means the usual number.`,
    save: "Save",
    saved: "Saved. It counts from the next reply on.",
  },
};
