export const home = {
  title: "Good company, well told",
  lead: "Sellswords, sea captains and a cat that comes and goes: pull up a chair and talk to them. They remember what was said, and they stay who they are.",
  browse: "Meet the characters",
  register: "Make an account",
  chats: "All your chats",
  greetings: {
    // Said to somebody who is signed in, by the hour.
    night: "Still awake",
    morning: "Good morning",
    day: "Good to see you",
    evening: "Good evening",
  },
  greet: (greeting: string, name: string) => (name === "" ? `${greeting}.` : `${greeting}, ${name}.`),
  welcomeBack: "Go on where you left off, or begin something new.",
  goOn: "Go on reading",
  cast: "The company",
  castLead: "Each of them has a story, a temper and a first line ready.",
  allCharacters: "All characters",
  promises: [
    {
      title: "They know their story",
      detail: "What a character knows is written down. It looks up what it is asked, and shows you what it looked up.",
    },
    {
      title: "Nothing is lost",
      detail: "Close the page in the middle of a reply and come back: it goes on where you stopped reading.",
    },
    {
      title: "It is yours",
      detail: "This server keeps your chats, and nobody else does. Take them along or delete them whenever you like.",
    },
  ],
  promisesTitle: "What this is",
};
