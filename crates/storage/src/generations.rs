//! Generations: from acceptance to their one end.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use raconteur_domain::{Generation, GenerationId, Outcome, ServerId, Status, Timestamp, Usage, UserId};

use crate::rows::{count, id, status, time, uncount};
use crate::schema::{generations, messages};
use crate::search::{self, Kind};
use crate::{ReadTx, StorageError, WriteTx, chunks};

#[derive(Queryable, Selectable)]
#[diesel(table_name = generations)]
struct GenerationRow {
    id: String,
    owner_id: String,
    conversation_id: String,
    message_id: String,
    model: String,
    status: String,
    finish_reason: Option<String>,
    error_code: Option<String>,
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    ttft_ms: Option<i64>,
    created_at: i64,
    reasoning_tokens: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = generations)]
struct NewGeneration<'a> {
    id: String,
    owner_id: String,
    conversation_id: String,
    message_id: String,
    model: &'a str,
    status: &'static str,
    chunks_from: i64,
    created_at: i64,
    server_id: String,
}

#[derive(AsChangeset)]
#[diesel(table_name = generations)]
struct End<'a> {
    status: &'static str,
    text: &'a str,
    finish_reason: Option<&'a str>,
    error_code: Option<&'a str>,
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    ttft_ms: Option<i64>,
    explanation: Option<&'a str>,
    ended_at: i64,
    reasoning_tokens: Option<i64>,
    reasoning: Option<&'a str>,
    prompt: Option<&'a str>,
}

impl TryFrom<GenerationRow> for Generation {
    type Error = StorageError;

    fn try_from(row: GenerationRow) -> Result<Self, StorageError> {
        let usage = row.prompt_tokens.zip(row.completion_tokens).map(|(prompt, completion)| Usage {
            prompt_tokens: uncount(prompt),
            completion_tokens: uncount(completion),
        });
        Ok(Self {
            id: id(&row.id)?,
            owner_id: id(&row.owner_id)?,
            conversation_id: id(&row.conversation_id)?,
            message_id: id(&row.message_id)?,
            model: row.model,
            status: status(&row.status)?,
            created_at: time(row.created_at),
            outcome: Outcome {
                finish_reason: row.finish_reason,
                error_code: row.error_code,
                usage,
                reasoning_tokens: row.reasoning_tokens.map(uncount),
                ttft_ms: row.ttft_ms.map(uncount),
            },
        })
    }
}

/// How a generation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationEnd {
    /// The generation.
    pub id: GenerationId,
    /// How it ended; never [`Status::Running`].
    pub status: Status,
    /// The whole text, as it was shown.
    pub text: String,
    /// How many bytes of the text the model itself said, where the rest is the persona's line about its trouble.
    pub spoken_bytes: Option<u64>,
    /// What is known of the run.
    pub outcome: Outcome,
    /// Why the prompt was as it was, as JSON.
    pub explanation: Option<String>,
    /// What the model thought, where that is to be kept.
    pub reasoning: Option<String>,
    /// What was sent to the model, as JSON.
    pub prompt: Option<String>,
}

/// How a generation has ended, as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Never [`Status::Running`].
    pub status: Status,
    /// The whole text.
    pub text: String,
    /// What is known of the run.
    pub outcome: Outcome,
    /// When it ended.
    pub at: Timestamp,
}

/// The condition of the partial index over what runs, to the letter: a bound value would not use it.
pub(crate) fn is_running() -> SqlLiteral<Bool> {
    sql::<Bool>("generations.status = 'running'")
}

/// A person's generation.
macro_rules! owned {
    ($owner:expr, $generation:expr) => {
        generations::table
            .filter(generations::id.eq($generation.to_string()))
            .filter(generations::owner_id.eq($owner.to_string()))
    };
}

impl ReadTx<'_> {
    /// A person's generation.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn generation(
        &mut self,
        owner: UserId,
        generation: GenerationId,
    ) -> Result<Option<Generation>, StorageError> {
        let row: Option<GenerationRow> =
            owned!(owner, generation).select(GenerationRow::as_select()).first(self.connection).optional()?;
        row.map(Generation::try_from).transpose()
    }

    /// Why the prompt of a person's generation was as it was, as JSON; none while it runs.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn explanation(
        &mut self,
        owner: UserId,
        generation: GenerationId,
    ) -> Result<Option<String>, StorageError> {
        let kept: Option<Option<String>> =
            owned!(owner, generation).select(generations::explanation).first(self.connection).optional()?;
        Ok(kept.flatten())
    }

    /// What the model thought in a person's generation, where that was kept.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn reasoning(
        &mut self,
        owner: UserId,
        generation: GenerationId,
    ) -> Result<Option<String>, StorageError> {
        let kept: Option<Option<String>> =
            owned!(owner, generation).select(generations::reasoning).first(self.connection).optional()?;
        Ok(kept.flatten())
    }

    /// What was sent to the model for a person's generation, as JSON; none while it runs.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn prompt(
        &mut self,
        owner: UserId,
        generation: GenerationId,
    ) -> Result<Option<String>, StorageError> {
        let kept: Option<Option<String>> =
            owned!(owner, generation).select(generations::prompt).first(self.connection).optional()?;
        Ok(kept.flatten())
    }

    /// How a generation ended; `None` where it has not, or is gone.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn ended(&mut self, generation: GenerationId) -> Result<Option<Ended>, StorageError> {
        let row: Option<(GenerationRow, Option<String>, Option<i64>)> = generations::table
            .find(generation.to_string())
            .filter(generations::ended_at.is_not_null())
            .select((GenerationRow::as_select(), generations::text, generations::ended_at))
            .first(self.connection)
            .optional()?;
        row.map(|(row, text, at)| {
            let Generation { status, outcome, .. } = row.try_into()?;
            Ok(Ended { status, text: text.unwrap_or_default(), outcome, at: time(at.unwrap_or_default()) })
        })
        .transpose()
    }
}

impl WriteTx<'_> {
    /// Adds a generation, which runs on this server from now on.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn insert_generation(
        &mut self,
        generation: &Generation,
        server: ServerId,
    ) -> Result<(), StorageError> {
        let chunks_from = chunks::end_of_log(self.connection)?;
        diesel::insert_into(generations::table)
            .values(NewGeneration {
                id: generation.id.to_string(),
                owner_id: generation.owner_id.to_string(),
                conversation_id: generation.conversation_id.to_string(),
                message_id: generation.message_id.to_string(),
                model: &generation.model,
                status: generation.status.as_str(),
                chunks_from,
                created_at: generation.created_at.as_micros(),
                server_id: server.to_string(),
            })
            .execute(self.connection)?;
        Ok(())
    }

    /// Ends a generation: the text goes to it and to the end of its message, which can be found from now on. `false` where
    /// it had ended before, which changes nothing: a generation ends once.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn end_generation(&mut self, end: &GenerationEnd, now: Timestamp) -> Result<bool, StorageError> {
        let key = end.id.to_string();
        let usage = end.outcome.usage;
        // The conversation first, as everybody takes them: whoever wrote to it last would otherwise wait for this
        // message, and this for the conversation.
        let conversation: Option<String> = generations::table
            .find(&key)
            .filter(is_running())
            .select(generations::conversation_id)
            .first(self.connection)
            .optional()?;
        let Some(conversation) = conversation else {
            return Ok(false);
        };
        self.lock_conversation(&conversation)?;
        self.touch_conversation(id(&conversation)?, now)?;
        let ended = diesel::update(generations::table.find(&key).filter(is_running()))
            .set(End {
                status: end.status.as_str(),
                text: &end.text,
                finish_reason: end.outcome.finish_reason.as_deref(),
                error_code: end.outcome.error_code.as_deref(),
                prompt_tokens: usage.map(|usage| count(usage.prompt_tokens)),
                completion_tokens: usage.map(|usage| count(usage.completion_tokens)),
                ttft_ms: end.outcome.ttft_ms.map(count),
                explanation: end.explanation.as_deref(),
                ended_at: now.as_micros(),
                reasoning_tokens: end.outcome.reasoning_tokens.map(count),
                reasoning: end.reasoning.as_deref(),
                prompt: end.prompt.as_deref(),
            })
            .returning(generations::message_id)
            .get_result::<String>(self.connection)
            .optional()?;
        let Some(message_id) = ended else {
            return Ok(false);
        };
        let message: Option<(i64, String, String)> = messages::table
            .filter(messages::id.eq(message_id))
            .select((messages::key, messages::owner_id, messages::content))
            .first(self.connection)
            .optional()?;
        if let Some((key, owner, before)) = message {
            // Empty, but where this goes on with what was there.
            let spoken = end.spoken_bytes.map(|spoken| count(before.len() as u64 + spoken));
            let content = before + &end.text;
            diesel::update(messages::table.filter(messages::key.eq(key)))
                .set((
                    messages::content.eq(&content),
                    messages::status.eq(end.status.as_str()),
                    messages::spoken_bytes.eq(spoken),
                ))
                .execute(self.connection)?;
            search::put(self.connection, Kind::Message, &owner, key, &content)?;
        }
        Ok(true)
    }
}
