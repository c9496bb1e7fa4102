//! Accepting a send: how it maps onto the tree of messages, in one transaction.

use raconteur_domain::{
    Conversation, ConversationId, Generation, GenerationId, Message, MessageId, Outcome, Role, ServerId,
    Status, Timestamp, UserId, automatic_title, is_blank,
};
use raconteur_storage::{StorageError, WriteTx};

use crate::ChatError;
use crate::live::Begun;

/// A prompt that a person sends into a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// Who sends it.
    pub owner: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// What, letter for letter. A blank one asks for an answer to what is there.
    pub prompt: String,
    /// Whether the prompt becomes a message. Otherwise it is one already: the last message, which is answered,
    /// or the one answered last, whose reply gets a sibling. Any other prompt is answered without being kept.
    pub create_user_message: bool,
}

/// An accepted send: from here on the reply exists.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) begun: Begun,
    /// The message that the reply hangs on.
    pub(crate) parent: Option<MessageId>,
    /// A prompt that is no message of its own.
    pub(crate) unsaved_prompt: Option<String>,
    /// What the message that it hangs on says, where that is the person's.
    pub(crate) answered: Option<String>,
    /// What the message says already, where the reply goes on with one.
    pub(crate) said: Option<String>,
}

/// Where a reply goes.
pub(crate) struct Place {
    pub(crate) parent: Option<Message>,
    pub(crate) unsaved_prompt: Option<String>,
}

/// The ids and the time of what is written, made before the transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh {
    pub(crate) user_message: MessageId,
    pub(crate) reply: MessageId,
    pub(crate) generation: GenerationId,
    pub(crate) now: Timestamp,
}

pub(crate) fn accept(
    tx: &mut WriteTx<'_>,
    send: Send,
    fresh: Fresh,
    model: &str,
    server: ServerId,
) -> Result<Accepted, ChatError> {
    let conversation = tx.conversation_to_write(send.owner, send.conversation)?.ok_or(ChatError::NotFound)?;
    let place = place(tx, &conversation, send, fresh)?;
    begin_reply(tx, conversation, place, fresh, model, server)
}

/// Begins a reply in this place, where the active path ends.
pub(crate) fn begin_reply(
    tx: &mut WriteTx<'_>,
    conversation: Conversation,
    place: Place,
    fresh: Fresh,
    model: &str,
    server: ServerId,
) -> Result<Accepted, ChatError> {
    let reply = Message {
        role: Role::Assistant,
        status: Status::Running,
        generation_id: Some(fresh.generation),
        ..below(&conversation, place.parent.as_ref(), fresh.reply, fresh.now)
    };
    tx.insert_message(&reply)?;
    begin_generation(tx, conversation, place, (reply.id, None), fresh, model, server)
}

/// Begins the run of a model that writes this message, or goes on with what it says already.
pub(crate) fn begin_generation(
    tx: &mut WriteTx<'_>,
    conversation: Conversation,
    place: Place,
    (message_id, said): (MessageId, Option<String>),
    fresh: Fresh,
    model: &str,
    server: ServerId,
) -> Result<Accepted, ChatError> {
    let generation = Generation {
        id: fresh.generation,
        owner_id: conversation.owner_id,
        conversation_id: conversation.id,
        message_id,
        model: model.to_owned(),
        status: Status::Running,
        created_at: fresh.now,
        outcome: Outcome::default(),
    };
    tx.insert_generation(&generation, server)?;
    tx.touch_conversation(conversation.id, fresh.now)?;

    let Place { parent, unsaved_prompt } = place;
    let parent_id = parent.as_ref().map(|parent| parent.id);
    let answered = parent.filter(|parent| parent.role == Role::User && unsaved_prompt.is_none());
    let begun = Begun {
        generation_id: fresh.generation,
        message_id,
        user_message_id: answered.as_ref().map(|message| message.id),
        conversation_id: conversation.id,
        character: conversation.character,
        model: model.to_owned(),
        at: fresh.now,
    };
    let answered = answered.map(|message| message.content);
    Ok(Accepted { begun, parent: parent_id, unsaved_prompt, answered, said })
}

fn place(
    tx: &mut WriteTx<'_>,
    conversation: &Conversation,
    send: Send,
    fresh: Fresh,
) -> Result<Place, StorageError> {
    let blank = is_blank(&send.prompt);
    if send.create_user_message && !blank {
        let message = append_user_message(tx, conversation, send.prompt, fresh.user_message, fresh.now)?;
        return Ok(Place { parent: Some(message), unsaved_prompt: None });
    }
    let leaf = tx.active_leaf(conversation.id)?;
    if blank {
        return Ok(Place { parent: leaf, unsaved_prompt: None });
    }
    match leaf {
        Some(leaf) if is_prompt(&leaf, &send.prompt) => {
            Ok(Place { parent: Some(leaf), unsaved_prompt: None })
        }
        leaf => match answered_by(tx, leaf.as_ref(), &send.prompt)? {
            Some(question) => {
                tx.cut_active_path(conversation.id, question.depth + 1)?;
                Ok(Place { parent: Some(question), unsaved_prompt: None })
            }
            None => Ok(Place { parent: leaf, unsaved_prompt: Some(send.prompt) }),
        },
    }
}

/// The message with this prompt, where the last message is the reply to it.
fn answered_by(
    tx: &mut WriteTx<'_>,
    leaf: Option<&Message>,
    prompt: &str,
) -> Result<Option<Message>, StorageError> {
    let Some(parent) = leaf.filter(|leaf| leaf.role == Role::Assistant).and_then(|leaf| leaf.parent_id)
    else {
        return Ok(None);
    };
    Ok(tx.message(parent)?.filter(|question| is_prompt(question, prompt)))
}

fn is_prompt(message: &Message, prompt: &str) -> bool {
    message.role == Role::User && message.content == prompt
}

/// Appends what a person said to the active path, and names the conversation after it if it has no name yet.
pub(crate) fn append_user_message(
    tx: &mut WriteTx<'_>,
    conversation: &Conversation,
    content: String,
    id: MessageId,
    now: Timestamp,
) -> Result<Message, StorageError> {
    let leaf = tx.active_leaf(conversation.id)?;
    write_user_message(tx, conversation, leaf.as_ref(), content, id, now)
}

/// As [`append_user_message`], below this message, where the active path ends.
pub(crate) fn write_user_message(
    tx: &mut WriteTx<'_>,
    conversation: &Conversation,
    parent: Option<&Message>,
    content: String,
    id: MessageId,
    now: Timestamp,
) -> Result<Message, StorageError> {
    let message = Message { content, ..below(conversation, parent, id, now) };
    tx.insert_message(&message)?;
    tx.touch_conversation(conversation.id, now)?;
    if let Some(title) = automatic_title(&conversation.character, &message.content) {
        tx.name_unnamed_conversation(conversation.id, &title)?;
    }
    Ok(message)
}

/// A complete, active, empty user message below `parent`.
fn below(conversation: &Conversation, parent: Option<&Message>, id: MessageId, now: Timestamp) -> Message {
    Message {
        id,
        owner_id: conversation.owner_id,
        conversation_id: conversation.id,
        parent_id: parent.map(|parent| parent.id),
        depth: parent.map_or(0, |parent| parent.depth + 1),
        active: true,
        role: Role::User,
        content: String::new(),
        status: Status::Complete,
        spoken_bytes: None,
        generation_id: None,
        meta: None,
        created_at: now,
    }
}
