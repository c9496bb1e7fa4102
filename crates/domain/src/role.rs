//! Who speaks, and how far a reply has come.

use serde::Serialize;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word for it, on the wire and in storage.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What the word means, if it is one of these.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

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
