export const home = {
  title: "Good company, well told",
  lead: "Sellswords, sea captains and a cat that comes and goes: pull up a chair and talk to them. They remember what was said, and they stay who they are.",
  browse: "Meet the characters",
  register: "Make an account",
  chats: "Back to your chats",
};
