//! What goes over the wire: what bodies say and what answers look like. The OpenAPI document describes these types,
//! the comments on them included, so they are written for whoever writes a client.

pub mod about;
pub mod account;
pub mod archive;
pub mod conversation;
pub mod conversation_settings;
pub mod error;
pub mod generation;
pub mod health;
pub mod me;
pub mod message;
pub mod page;
pub mod persona;
pub mod persona_source;
pub mod search;
pub mod session;
pub mod stream;
pub mod whole;
