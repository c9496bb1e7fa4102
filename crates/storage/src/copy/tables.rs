//! The rows of every table that is copied, as the tables have them (`migrations/`). Which servers run and who
//! has just tried to sign in is nothing to be copied.

use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use sha2::Sha256;

use super::row::{Row, row, size_expression};
use super::table::{Progress, Table};
use super::value::Value;
use crate::connection::AnyConnection;
use crate::schema::{
    chunks, conversations, generations, idempotency_keys, messages, personas, sessions, users,
};

/// The tables in an order in which each finds the rows that its own refer to.
pub(super) fn all() -> Vec<Box<dyn Table>> {
    vec![
        Progress::<UserRow>::boxed(),
        Progress::<PersonaRow>::boxed(),
        Progress::<SessionRow>::boxed(),
        Progress::<ConversationRow>::boxed(),
        Progress::<MessageRow>::boxed(),
        Progress::<GenerationRow>::boxed(),
        Progress::<ChunkRow>::boxed(),
        Progress::<KeyRow>::boxed(),
    ]
}

row! {
    /// A person.
    UserRow in users by id: String, known by id {
        id: String,
        email: String,
        email_key: String,
        password_hash: Option<String>,
        created_at: i64,
        google_sub: Option<String>,
        token_epoch: i64,
        display_name: String,
        description: String,
        deleted_at: Option<i64>,
    }
}

row! {
    /// A character that somebody has made.
    PersonaRow in personas by key: i64, known by id {
        key: i64,
        id: String,
        owner_id: String,
        slug: String,
        name: String,
        name_key: String,
        description: Option<String>,
        tags: String,
        search_key: String,
        public: bool,
        version: String,
        picture_type: Option<String>,
        created_at: i64,
        updated_at: i64,
        picture: Option<Vec<u8>>,
        package: Vec<u8>,
    }
}

row! {
    /// A session, which goes on at the copy where that has the same signing secret.
    SessionRow in sessions by id: String, known by id {
        id: String,
        owner_id: String,
        kind: String,
        rotation: i64,
        rotated_at: i64,
        created_at: i64,
        seen_at: i64,
        expires_at: i64,
        revoked_at: Option<i64>,
        user_agent: Option<String>,
        address: Option<String>,
    }
}

row! {
    /// A conversation, deleted ones too whose rows have not gone yet.
    ConversationRow in conversations by key: i64, known by id {
        key: i64,
        id: String,
        owner_id: String,
        character: String,
        title: String,
        created_at: i64,
        updated_at: i64,
        deleted_at: Option<i64>,
        persona_id: Option<String>,
        note: String,
        note_depth: i64,
        model: Option<String>,
        temperature: Option<i64>,
        max_tokens: Option<i64>,
        summary: String,
        summary_through: Option<String>,
    }
}

row! {
    /// A message.
    MessageRow in messages by key: i64, known by id {
        key: i64,
        id: String,
        owner_id: String,
        conversation_id: String,
        parent_id: Option<String>,
        depth: i64,
        active: bool,
        role: String,
        content: String,
        status: String,
        spoken_bytes: Option<i64>,
        generation_id: Option<String>,
        meta: Option<String>,
        created_at: i64,
    }
}

row! {
    /// A generation. One that was running when its server died keeps its place in the chunk log, and the name of that
    /// server: the first one that starts on the copy buries it as it would have been buried where it was.
    GenerationRow in generations by id: String, known by id {
        id: String,
        owner_id: String,
        conversation_id: String,
        message_id: String,
        model: String,
        status: String,
        text: Option<String>,
        finish_reason: Option<String>,
        error_code: Option<String>,
        prompt_tokens: Option<i64>,
        completion_tokens: Option<i64>,
        ttft_ms: Option<i64>,
        explanation: Option<String>,
        chunks_from: i64,
        created_at: i64,
        ended_at: Option<i64>,
        server_id: Option<String>,
        stop_wanted: bool,
        reasoning_tokens: Option<i64>,
        reasoning: Option<String>,
        prompt: Option<String>,
    }
}

row! {
    /// A piece of a generation's text. What of the log nobody needs any more is trimmed where it comes to.
    ChunkRow in chunks by key: i64, known by key {
        key: i64,
        generation_id: String,
        seq: i64,
        text: String,
        lengths: String,
    }
}

row! {
    /// A key under which a request may be repeated, also on the copy.
    KeyRow in idempotency_keys by id: String, known by id {
        id: String,
        owner_id: String,
        request: String,
        message_id: String,
        generation_id: Option<String>,
        created_at: i64,
    }
}
