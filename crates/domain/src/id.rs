//! Public ids: UUID version 7 (RFC 9562), one type for each thing that has one.

use uuid::{Builder, Uuid};

use crate::{Entropy, Timestamp};

/// A version 7 UUID: 48 bits of milliseconds, then 74 random ones.
fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, made of this moment and this randomness.
            #[must_use]
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }
        }

        /// Upper and lower case are both read; only the hyphenated form of 36 characters is.
        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != uuid::fmt::Hyphenated::LENGTH {
                    return Err(InvalidId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

/// The text is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: a UUID such as 018f4e6a-1c2d-7a3b-8c4d-5e6f70819203 was expected")]
pub struct InvalidId;

ids! {
    /// Names a [`User`](crate::User).
    UserId
    /// Names a [`Conversation`](crate::Conversation).
    ConversationId
    /// Names a [`Message`](crate::Message).
    MessageId
    /// Names a [`Generation`](crate::Generation), and its stream.
    GenerationId
    /// Names an [`OwnPersona`](crate::OwnPersona).
    PersonaId
    /// Names a [`Session`](crate::Session).
    SessionId
    /// Names a running server, from its start to its end.
    ServerId
}
