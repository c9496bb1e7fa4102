//! Builds a prompt, with the reason for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::compose::Composing;
use crate::explanation::{Budget, Explanation, Mode, SectionTokens};
use crate::persona::Persona;
use crate::room::Room;
use crate::tokens::{Estimate, MESSAGE_OVERHEAD, TokenCounter};

/// What a prompt is made of, besides the persona.
#[derive(Clone, Copy)]
pub struct PromptRequest<'a> {
    /// What is said to the persona now. It is sent as it is, but for the narrator's toggle at its start.
    ///
    /// Where it is blank, the last turn is answered if it is the user's.
    pub query: &'a str,
    /// What was said before, oldest first, without the query.
    pub history: &'a [Turn],
    /// What the persona has said of its answer already, with which the model is to go on.
    pub said: Option<&'a str>,
    /// Who is speaking to the persona.
    pub user: User<'a>,
    /// What happened before the history begins, in a few sentences.
    pub summary: Option<&'a str>,
    /// What the model is reminded of close to the end of the prompt.
    pub note: Option<Note<'a>>,
    /// How much room there is.
    pub budget: Budget,
    /// Who counts the tokens.
    pub counter: &'a dyn TokenCounter,
    /// What the draws of a character card depend on: the id of the message that is answered. The same draws the same.
    pub seed: &'a str,
    /// The same for draws that hold for a whole conversation: its id.
    pub conversation: &'a str,
    /// Which of the persona's greetings the conversation began with, from 0, where that is known.
    pub greeting: Option<usize>,
}

impl Default for PromptRequest<'_> {
    fn default() -> Self {
        static ESTIMATE: Estimate = Estimate::PLAIN;
        Self {
            query: "",
            history: &[],
            said: None,
            user: User::default(),
            summary: None,
            note: None,
            budget: Budget::default(),
            counter: &ESTIMATE,
            seed: "",
            conversation: "",
            greeting: None,
        }
    }
}

impl fmt::Debug for PromptRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { query, history, said, user, summary, note, budget, seed, conversation, greeting, .. } =
            self;
        f.debug_struct("PromptRequest")
            .field("query", query)
            .field("history", history)
            .field("said", said)
            .field("user", user)
            .field("summary", summary)
            .field("note", note)
            .field("budget", budget)
            .field("seed", seed)
            .field("conversation", conversation)
            .field("greeting", greeting)
            .finish_non_exhaustive()
    }
}

/// Who is speaking to the persona, as far as they have told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct User<'a> {
    /// What they are called.
    pub name: Option<&'a str>,
    /// Who they are.
    pub description: Option<&'a str>,
}

/// A reminder in the midst of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// What it says.
    pub text: &'a str,
    /// How many messages come after it; 0 is the very end.
    pub depth: usize,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// One of the two sides of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person.
    User,
    /// The persona.
    Assistant,
}

/// A prompt for a chat model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prompt {
    /// Exactly one system message, then the history, then what is being answered.
    pub messages: Vec<PromptMessage>,
    /// What the persona says where there is no model at all. Never blank.
    pub scripted: String,
    /// Why the prompt is as it is.
    pub explanation: Explanation,
}

/// A message in the form that chat models take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptMessage {
    /// Whose message it is.
    pub role: Role,
    /// Its text.
    pub content: String,
}

/// Whose message it is, in the words of the chat models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The rules of the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl From<Speaker> for Role {
    fn from(speaker: Speaker) -> Self {
        match speaker {
            Speaker::User => Self::User,
            Speaker::Assistant => Self::Assistant,
        }
    }
}

/// What is being answered does not fit, with nothing but the guard rails beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptTooLong {
    /// How many tokens it takes.
    pub tokens: usize,
    /// How many it may.
    pub available: usize,
}

impl fmt::Display for PromptTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tokens, available } = self;
        write!(f, "the prompt takes about {tokens} tokens, and there is room for {available}")
    }
}

impl std::error::Error for PromptTooLong {}

impl Persona {
    /// The prompt that makes a model answer as this persona, or as its narrator.
    ///
    /// Room for the reply is kept first. What does not fit is left out whole, in this order: the last examples, the oldest
    /// turns, what the person tells of themselves, the summary, the least of the knowledge, the author's note, and the end
    /// of the style's template.
    ///
    /// # Errors
    ///
    /// [`PromptTooLong`] where even then there is no room for what is being answered.
    pub fn prompt(&self, request: &PromptRequest<'_>) -> Result<Prompt, PromptTooLong> {
        let asked = self.asked(request);
        let instructions = self.instructions_section(asked.mode);
        let fixed = Fixed::new(&asked, &instructions, request.counter);
        let available = request.budget.prompt();
        let room = Room::new(available, fixed.total(), request.counter);
        let room = room.ok_or_else(|| fixed.too_long(available))?;
        let tokens = SectionTokens {
            instructions: fixed.instructions,
            prompt: fixed.prompt + fixed.said,
            ..SectionTokens::default()
        };
        Ok(Composing::new(self, request, asked, room, tokens).compose(instructions))
    }

    /// Whether there would be room for this query, whatever was said before.
    ///
    /// # Errors
    ///
    /// [`PromptTooLong`] where there is none.
    pub fn check_room(&self, request: &PromptRequest<'_>) -> Result<(), PromptTooLong> {
        let asked = self.asked(request);
        let fixed = Fixed::new(&asked, &self.instructions_section(asked.mode), request.counter);
        let available = request.budget.prompt();
        if fixed.total() > available { Err(fixed.too_long(available)) } else { Ok(()) }
    }

    /// What is being asked, and by whom it is to be answered.
    fn asked<'a>(&self, request: &PromptRequest<'a>) -> Asked<'a> {
        let mut history: Vec<&Turn> =
            request.history.iter().filter(|turn| !turn.text.trim().is_empty()).collect();
        let said = request.said.filter(|said| !said.trim().is_empty());
        let (mut mode, query) = self.mode_of(request.query);
        if !query.trim().is_empty() {
            return Asked { mode, prompt: Some(query), query, said, history };
        }
        // Nothing new is said: the last turn is what is answered, if it is the user's and more than a toggle.
        if let Some(last) = history.pop_if(|turn| turn.speaker == Speaker::User) {
            let (last_mode, text) = self.mode_of(&last.text);
            if last_mode == Mode::OutOfCharacter {
                mode = last_mode;
            }
            if !text.trim().is_empty() {
                return Asked { mode, prompt: Some(text), query: text, said, history };
            }
        }
        let last = history.iter().rev().find(|turn| turn.speaker == Speaker::User);
        let query = last.map_or("", |turn| self.mode_of(&turn.text).1);
        Asked { mode, prompt: None, query, said, history }
    }

    /// Who is to answer this text, and the text without the toggle that says so.
    fn mode_of<'a>(&self, text: &'a str) -> (Mode, &'a str) {
        match self.style.strip_toggle(text) {
            Some(rest) => (Mode::OutOfCharacter, rest),
            None => (Mode::InCharacter, text),
        }
    }
}

/// A request, understood.
pub(crate) struct Asked<'a> {
    pub(crate) mode: Mode,
    /// The last user message, if there is anything to say in it.
    pub(crate) prompt: Option<&'a str>,
    /// What the knowledge base is searched with.
    pub(crate) query: &'a str,
    /// What of the answer is said already.
    pub(crate) said: Option<&'a str>,
    /// Earlier turns with text in them.
    pub(crate) history: Vec<&'a Turn>,
}

/// What is in every prompt, in tokens.
struct Fixed {
    instructions: usize,
    prompt: usize,
    said: usize,
}

impl Fixed {
    fn new(asked: &Asked<'_>, instructions: &str, counter: &dyn TokenCounter) -> Self {
        let message = |text| counter.count(text) + MESSAGE_OVERHEAD;
        Self {
            instructions: counter.count(instructions) + MESSAGE_OVERHEAD,
            prompt: asked.prompt.map_or(0, message),
            said: asked.said.map_or(0, message),
        }
    }

    const fn total(&self) -> usize {
        self.instructions + self.prompt + self.said
    }

    const fn too_long(&self, available: usize) -> PromptTooLong {
        match available.checked_sub(self.instructions) {
            Some(available) => PromptTooLong { tokens: self.prompt + self.said, available },
            // Not even the guard rails fit.
            None => PromptTooLong { tokens: self.total(), available },
        }
    }
}

pub(crate) fn message(role: Role, content: &str) -> PromptMessage {
    PromptMessage { role, content: content.to_owned() }
}
