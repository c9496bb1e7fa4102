export const characters = {
  title: "Characters",
  lead: "Everybody there is to talk to.",
  empty: { title: "Nobody is here", detail: "Whoever runs this server has not let any character in yet." },
  newTitle: "A new character",
  editTitle: (name: string) => `Edit ${name}`,
  create: "New character",
};
