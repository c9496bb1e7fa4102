export const common = {
  appName: "Raconteur",
  cancel: "Cancel",
  close: "Close",
  loading: "Loading…",
  more: "Show more",
  retry: "Try again",
  undo: "Undo",
  notifications: "Notifications",
};
