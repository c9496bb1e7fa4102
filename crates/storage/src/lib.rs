#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    allow(
        unused_variables,
        unused_imports,
        irrefutable_let_patterns,
        reason = "the other database's arms are not there"
    )
)]

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("raconteur-storage needs a database: enable its feature `postgres` or `sqlite`, or both");

mod account;
mod archive;
#[cfg(feature = "sqlite")]
pub mod backup;
mod branches;
#[cfg(feature = "sqlite")]
mod checkpoint;
mod chunks;
mod connection;
mod conversations;
pub mod copy;
mod db;
mod error;
mod generations;
mod idempotency;
mod messages;
mod nudge;
mod personas;
mod purge;
mod replay;
mod rows;
mod scene;
mod schema;
mod search;
mod servers;
mod sessions;
mod siblings;
mod sign_ins;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod users;
mod writer;

pub use chunks::Chunk;
pub use connection::DatabaseUrl;
pub use conversations::ConversationChange;
pub use db::{Db, Pool, make_private_folder};
pub use error::{OpenError, StorageError};
pub use generations::{Ended, GenerationEnd};
pub use idempotency::{Claim, Made, Repeatable};
pub use messages::{Order, Side, Stretch};
pub use personas::{Kept, PersonaFiles, PersonaFilter, Whose};
pub use purge::Purge;
pub use replay::Logged;
pub use scene::{ProfileChange, Scene, Where};
pub use servers::Ours;
pub use tx::{ReadTx, WriteTx};
pub use users::Credentials;
