export const shell = {
  skip: "Skip to the page",
  mainNavigation: "Main",
  home: "Home",
  characters: "Characters",
  chats: "Chats",
  settings: "Settings",
  signIn: "Sign in",
  recent: "Latest chats",
  offline: "You are offline. What you read stays here; what you send waits until you are back.",
  newVersion: "There is a new version of Raconteur.",
  reload: "Load it",
};
