#![doc = include_str!("../README.md")]

mod checkpoint;
mod chunks;
mod connection;
mod conversations;
mod db;
mod error;
mod generations;
mod messages;
mod purge;
mod rows;
mod schema;
mod tx;
mod users;
mod writer;

pub use chunks::Chunk;
pub use connection::DatabaseUrl;
pub use conversations::ConversationChange;
pub use db::{Db, make_private_folder};
pub use error::{OpenError, StorageError};
pub use generations::GenerationEnd;
pub use messages::Order;
pub use purge::Purge;
pub use tx::{ReadTx, WriteTx};
pub use users::Credentials;
