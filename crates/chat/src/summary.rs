//! The running summary: what of a conversation prompts have no room for, in the model's words, which its person can change.

use std::fmt::Write as _;

use futures_util::StreamExt as _;
use raconteur_domain::limits::SUMMARY_MAX_CHARS;
use raconteur_domain::{ConversationId, ConversationSettings, MessageId, is_blank};
use raconteur_llm::{ChatEvent, ChatMessage, ChatRequest, ModelError, Role};
use raconteur_persona::{MESSAGE_OVERHEAD, Speaker, estimate_tokens};
use raconteur_storage::StorageError;

use crate::chat::Inner;
use crate::history;

/// How many messages have to have fallen out of prompts before they are summed up: each time is another request.
const ENOUGH: u64 = 6;

/// How many messages are summed up at once, at most. What is left is next time's.
const AT_ONCE: u64 = 200;

/// The longest summary that is asked for, in tokens.
const TOKENS: u32 = 500;

const TASK: &str = "\
You keep the notes of a conversation, so that it can go on when its beginning is forgotten. Write them anew, with what has \
happened since: what was done and promised, what each of the two knows and wants, names and things that may matter again. \
Keep what the notes say already unless it no longer holds. Write in the past tense and in the language of the conversation, \
in at most 300 words, and nothing but the notes.";

/// What is to be summed up.
struct Due {
    /// The notes so far.
    notes: String,
    /// What was said since.
    talk: String,
    /// The last message of it.
    through: MessageId,
}

/// Sums up what stands before this depth, where enough has come together. What fails is tried again after the next reply.
pub(crate) async fn keep_up(
    chat: &Inner,
    conversation: ConversationId,
    model: &str,
    character: &str,
    told_from: u64,
) {
    let kept = async {
        let Some(due) = due(chat, conversation, character, told_from).await? else { return Ok(()) };
        let summary = ask(chat, model, &due).await?;
        let (notes, through) = (due.notes, due.through);
        chat.db.write(move |tx| tx.summarize(conversation, &notes, &summary, through)).await?;
        Ok::<_, Failure>(())
    };
    tokio::select! {
        // It is no reply that anybody waits for.
        () = chat.closing.cancelled() => {}
        kept = kept => if let Err(error) = kept {
            tracing::warn!(%error, %conversation, "a conversation could not be summed up");
        },
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("the model said nothing")]
    Silence,
}

async fn due(
    chat: &Inner,
    conversation: ConversationId,
    character: &str,
    told_from: u64,
) -> Result<Option<Due>, StorageError> {
    let (budget, character) = (chat.settings.history_tokens, character.to_owned());
    chat.db
        .read(move |tx| {
            let Some(settings) = tx.conversation_settings(conversation)? else { return Ok(None) };
            let ConversationSettings { summary: notes, summary_through, .. } = settings;
            let told = summary_through.map(|through| tx.message(through)).transpose()?.flatten();
            // A summary of another branch is not gone on with.
            let told = told.filter(|message| message.active && message.depth < told_from);
            let elsewhere = summary_through.is_some() && told.is_none();
            let from = told.map_or(0, |message| message.depth + 1);
            if told_from.saturating_sub(from) < ENOUGH {
                return Ok(None);
            }
            let (mut talk, mut tokens, mut through) = (String::new(), 0, None);
            for message in tx.path(conversation, from..told_from.min(from + AT_ONCE))? {
                if let Some(turn) = history::turn(&message) {
                    tokens += estimate_tokens(&turn.text) + MESSAGE_OVERHEAD;
                    if tokens > budget && through.is_some() {
                        break;
                    }
                    let who = if turn.speaker == Speaker::User { "The person" } else { &character };
                    // Writing to a text does not fail.
                    let _ = writeln!(talk, "{who}: {}\n", turn.text.trim());
                }
                through = Some(message.id);
            }
            let told = |through| Due { notes: if elsewhere { String::new() } else { notes }, talk, through };
            Ok(through.map(told))
        })
        .await
}

async fn ask(chat: &Inner, model: &str, due: &Due) -> Result<String, Failure> {
    let notes = if due.notes.trim().is_empty() { "None yet." } else { due.notes.trim() };
    let question = format!("The notes so far:\n\n{notes}\n\nWhat was said since:\n\n{}", due.talk);
    let request = ChatRequest {
        messages: vec![ChatMessage::new(Role::System, TASK), ChatMessage::new(Role::User, question)],
        model: Some(model.to_owned()),
        temperature: 0.0,
        max_tokens: TOKENS.min(chat.settings.max_tokens),
        scripted: None,
    };
    let mut events = chat.model.stream(request);
    let mut summary = String::new();
    while let Some(event) = events.next().await {
        match event? {
            ChatEvent::Delta(delta) => summary.push_str(&delta),
            ChatEvent::Reasoning(_) => {}
            ChatEvent::Finish { .. } => break,
        }
        if summary.chars().count() > SUMMARY_MAX_CHARS {
            break;
        }
    }
    let summary: String = summary.trim().replace('\0', "\u{fffd}").chars().take(SUMMARY_MAX_CHARS).collect();
    if is_blank(&summary) { Err(Failure::Silence) } else { Ok(summary) }
}
