export const chat = {
  back: "All chats",
};
