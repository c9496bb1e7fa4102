export const search = {
  open: "Search",
  shortcut: { mac: "⌘ K", other: "Ctrl K" },
  title: "Search and go",
  label: "Search chats, messages, characters and pages",
  placeholder: "Where to?",
  hint: "Choose with the arrow keys, go with Enter, leave with Escape.",
  nothing: "Nothing here goes by that name.",
  failed: "Only pages can be found at the moment: the server does not answer.",
  groups: {
    chats: "Chats",
    recent: "Latest chats",
    messages: "Messages",
    characters: "Characters",
    pages: "Go to",
  },
};
