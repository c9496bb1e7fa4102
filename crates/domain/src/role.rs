//! Who speaks, and how far a reply has come.

use crate::words::words;

words! {
    /// Who a message is from.
    Role {
        /// The person.
        User = "user",
        /// The character.
        Assistant = "assistant",
        /// Neither: a note to the model.
        System = "system",
    }

    /// How far a generation, and with it its message, has come. It begins `running` and reaches exactly one of
    /// the others, once. What a person wrote is `complete`.
    Status {
        /// The model is still at it.
        Running = "running",
        /// The model said all that it had to say.
        Complete = "complete",
        /// The person ended it, or what it belonged to is gone.
        Stopped = "stopped",
        /// The model failed.
        Failed = "failed",
        /// The server ended before the model did.
        Interrupted = "interrupted",
    }
}
