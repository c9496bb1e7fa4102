export const chats = {
  title: "Chats",
  untitled: (character: string) => `With ${character}`,
  empty: {
    title: "No chats yet",
    detail: "Choose somebody to talk to. What you say is kept here.",
    action: "Meet the characters",
  },
};
