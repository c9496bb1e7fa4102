export const common = {
  appName: "Raconteur",
  /** The language of these sentences, in which dates and numbers are written, too. */
  locale: "en",
  back: "Back",
  cancel: "Cancel",
  clear: "Clear",
  close: "Close",
  loading: "Loading…",
  more: "Show more",
  retry: "Try again",
  undo: "Undo",
  notifications: "Notifications",
};
