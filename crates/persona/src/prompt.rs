//! Builds a prompt, with the reason for it.

use serde::{Deserialize, Serialize};

use crate::explanation::{Candidate, Explanation, Mode, SectionTokens};
use crate::persona::Persona;
use crate::tokens::{MESSAGE_OVERHEAD, estimate_tokens};

/// How many candidates an explanation lists.
const CANDIDATES: usize = 10;

/// What a prompt is made of, besides the persona.
#[derive(Clone, Copy, Debug, Default)]
pub struct PromptRequest<'a> {
    /// What is said to the persona now. It is sent as it is, but for the narrator's toggle at its start.
    ///
    /// Where it is blank, the last turn is answered if it is the user's.
    pub query: &'a str,
    /// What was said before, oldest first, without the query.
    pub history: &'a [Turn],
    /// How many [tokens](estimate_tokens) the history may take, overheads included.
    pub history_tokens: usize,
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

impl Persona {
    /// The prompt that makes a model answer as this persona, or as its narrator.
    #[must_use]
    pub fn prompt(&self, request: &PromptRequest<'_>) -> Prompt {
        let asked = self.asked(request);
        let mode = asked.mode;
        let hits = self.knowledge.search(asked.query, &self.style.ranking, CANDIDATES);
        let entry = hits.first().map(|hit| hit.entry);

        let system = self.system_section(mode);
        let knowledge = self.knowledge_section(mode, entry, asked.query);
        let instructions = self.instructions_section(mode);
        let (history, history_tokens) = newest_that_fit(&asked.history, request.history_tokens);

        let tokens = SectionTokens {
            system: message_tokens(&system),
            knowledge: knowledge.as_deref().map_or(0, estimate_tokens),
            instructions: estimate_tokens(&instructions),
            history: history_tokens,
            prompt: asked.prompt.map_or(0, message_tokens),
        };
        let explanation = Explanation {
            persona: self.slug().to_owned(),
            version: self.version().to_owned(),
            mode,
            query: asked.query.to_owned(),
            used: entry.map(|entry| entry.id.clone()),
            history_dropped: asked.history.len() - history.len(),
            history_budget: request.history_tokens,
            tokens,
            candidates: hits
                .iter()
                .map(|hit| Candidate {
                    id: hit.entry.id.clone(),
                    score: hit.score,
                    matched: hit.matched.clone(),
                })
                .collect(),
        };
        let sections = [Some(system), knowledge, Some(instructions)];
        let rules = sections.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
        let earlier = history.iter().map(|turn| message(turn.speaker.into(), &turn.text));
        let messages = std::iter::once(message(Role::System, &rules))
            .chain(earlier)
            .chain(asked.prompt.map(|prompt| message(Role::User, prompt)))
            .collect();
        Prompt { messages, scripted: self.scripted(mode, entry, asked.query), explanation }
    }

    /// What is being asked, and by whom it is to be answered.
    fn asked<'a>(&self, request: &PromptRequest<'a>) -> Asked<'a> {
        let mut history: Vec<&Turn> =
            request.history.iter().filter(|turn| !turn.text.trim().is_empty()).collect();
        let (mut mode, query) = self.mode_of(request.query);
        if !query.trim().is_empty() {
            return Asked { mode, prompt: Some(query), query, history };
        }
        // Nothing new is said: the last turn is what is answered, if it is the user's and more than a toggle.
        if let Some(last) = history.pop_if(|turn| turn.speaker == Speaker::User) {
            let (last_mode, text) = self.mode_of(&last.text);
            if last_mode == Mode::OutOfCharacter {
                mode = last_mode;
            }
            if !text.trim().is_empty() {
                return Asked { mode, prompt: Some(text), query: text, history };
            }
        }
        let said = history.iter().rev().find(|turn| turn.speaker == Speaker::User);
        let query = said.map_or("", |turn| self.mode_of(&turn.text).1);
        Asked { mode, prompt: None, query, history }
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
struct Asked<'a> {
    mode: Mode,
    /// The last user message, if there is anything to say in it.
    prompt: Option<&'a str>,
    /// What the knowledge base is searched with.
    query: &'a str,
    /// Earlier turns with text in them.
    history: Vec<&'a Turn>,
}

/// The newest turns that fit, whole and without a gap, and what they cost.
fn newest_that_fit<'t, 'a>(turns: &'t [&'a Turn], budget: usize) -> (&'t [&'a Turn], usize) {
    let mut spent = 0;
    let mut first = turns.len();
    for (index, turn) in turns.iter().enumerate().rev() {
        let cost = message_tokens(&turn.text);
        if spent + cost > budget {
            break;
        }
        spent += cost;
        first = index;
    }
    (turns.get(first..).unwrap_or_default(), spent)
}

fn message_tokens(text: &str) -> usize {
    estimate_tokens(text) + MESSAGE_OVERHEAD
}

fn message(role: Role, content: &str) -> PromptMessage {
    PromptMessage { role, content: content.to_owned() }
}
