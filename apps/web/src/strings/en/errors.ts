export const errors = {
  unreachable: {
    title: "The server cannot be reached",
    detail: "Either you are offline, or the server is. Nothing is lost: try again in a moment.",
  },
  notFound: {
    title: "It is not here",
    detail: "There is no such thing, or it belongs to somebody else.",
  },
  tooMany: "Too much at once",
  refused: "That did not work",
  server: (requestId: string | undefined) => ({
    title: "The server stumbled",
    detail:
      requestId === undefined
        ? "It is not your fault. Try again in a moment."
        : `It is not your fault. Try again in a moment; whoever runs the server finds it in the log under ${requestId}.`,
  }),
  offline: {
    title: "You are offline",
    detail: "This has not been loaded yet, and cannot be until you are back.",
  },
  crash: {
    title: "A page fell out of the book",
    detail: "The app made a mistake here. Loading it anew puts it right, most of the time.",
    reload: "Load anew",
  },
  noPage: {
    title: "This page was never written",
    detail: "The address leads nowhere. It may have been mistyped, or what was here is gone.",
    home: "Back to the beginning",
  },
};
