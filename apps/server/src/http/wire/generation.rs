//! What is known of a reply besides its text.

use raconteur_domain::{self as domain, ConversationId, GenerationId, MessageId, Status, Timestamp};
use raconteur_persona as persona;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::message::{RoleWord, StatusWord};
use crate::http::openapi::schemas::{self, example_of};

/// One run of the model, which made a reply.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!(example()), json!(example_with_prompt())))]
pub struct Generation {
    /// Its id, which is that of its stream too.
    #[schema(value_type = String, format = Uuid)]
    id: GenerationId,
    /// Where the reply stands.
    #[schema(value_type = String, format = Uuid)]
    conversation_id: ConversationId,
    /// The reply.
    #[schema(value_type = String, format = Uuid)]
    message_id: MessageId,
    /// The model, by the name that it was asked for with.
    model: String,
    #[schema(value_type = StatusWord)]
    status: Status,
    /// When the reply was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Why the model stopped, in the provider's word, such as `stop` or `length`.
    #[schema(required)]
    finish_reason: Option<String>,
    /// Why the reply failed: the `code` of its `error` event.
    #[schema(required)]
    error_code: Option<String>,
    usage: GenerationUsage,
    /// Milliseconds from the acceptance to the model's first word.
    #[schema(required)]
    ttft_ms: Option<u64>,
    /// Why the prompt was as it was. Null until it has been built.
    #[schema(value_type = Option<Explanation>, required)]
    explanation: Option<persona::Explanation>,
    /// What the model thought, where a setting says that it is kept.
    #[schema(required)]
    reasoning: Option<String>,
    /// What was sent to the model, message by message, for those who ask. Null until the reply has ended.
    #[schema(value_type = Option<Vec<PromptMessage>>, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<Option<Vec<persona::PromptMessage>>>,
}

impl Generation {
    /// A generation with what is kept beside it: its explanation as JSON, and what the model thought.
    pub fn new(
        generation: domain::Generation,
        explanation: Option<String>,
        reasoning: Option<String>,
    ) -> Self {
        let outcome = generation.outcome;
        Self {
            id: generation.id,
            conversation_id: generation.conversation_id,
            message_id: generation.message_id,
            model: generation.model,
            status: generation.status,
            created_at: generation.created_at,
            finish_reason: outcome.finish_reason,
            error_code: outcome.error_code,
            usage: GenerationUsage {
                prompt_tokens: outcome.usage.map(|usage| usage.prompt_tokens),
                completion_tokens: outcome.usage.map(|usage| usage.completion_tokens),
                reasoning_tokens: outcome.reasoning_tokens,
            },
            ttft_ms: outcome.ttft_ms,
            explanation: explanation.and_then(|json| serde_json::from_str(&json).ok()),
            reasoning,
            prompt: None,
        }
    }

    /// The same with what was sent to the model, as JSON.
    pub fn with_prompt(self, prompt: Option<String>) -> Self {
        Self { prompt: Some(prompt.and_then(|json| serde_json::from_str(&json).ok())), ..self }
    }
}

fn example() -> Value {
    json!({
        "id": schemas::GENERATION_ID,
        "conversation_id": schemas::CONVERSATION_ID,
        "message_id": schemas::REPLY_ID,
        "model": "gpt-4o-mini",
        "status": "complete",
        "created_at": "2026-01-31T18:42:05.000000Z",
        "finish_reason": "stop",
        "error_code": null,
        "usage": example_of::<GenerationUsage>(),
        "ttft_ms": 230,
        "explanation": example_of::<Explanation>(),
        "reasoning": null,
    })
}

/// The same for those who ask for the prompt.
fn example_with_prompt() -> Value {
    let mut example = example();
    example["prompt"] = json!([
        example_of::<PromptMessage>(),
        { "role": "user", "content": "What is your price?" },
    ]);
    example
}

/// Tokens, as the provider counted them. Null is what it did not count.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "prompt_tokens": 412, "completion_tokens": 9, "reasoning_tokens": null })))]
pub struct GenerationUsage {
    /// Tokens that were sent.
    #[schema(required)]
    prompt_tokens: Option<u64>,
    /// Tokens that came back; most providers count the reasoning in.
    #[schema(required)]
    completion_tokens: Option<u64>,
    /// Tokens that the model thought with, counted by the provider or else estimated.
    #[schema(required)]
    reasoning_tokens: Option<u64>,
}

/// Describes a type of the persona crate, which knows nothing of this document. A test holds the two together.
macro_rules! mirror {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(ToSchema)]
        $(#[$doc])*
        #[allow(dead_code, reason = "it describes what another type holds")]
        pub(super) struct $name { $($(#[$field_doc])* $field: $type,)* }
    )*};
}

mirror! {
    /// Why a prompt was as it was: which knowledge was considered and used, what was left out, what each part costs.
    #[schema(examples(json!({
        "persona": "bronn",
        "version": "c877a5484a07a37a",
        "mode": "ic",
        "query": "What is your price?",
        "candidates": [example_of::<Candidate>()],
        "used": ["coin"],
        "lore": [example_of::<LoreEntry>()],
        "history_dropped": 4,
        "examples_dropped": 5,
        "left_out": ["user"],
        "budget": example_of::<TokenBudget>(),
        "tokens": example_of::<SectionTokens>(),
    })))]
    Explanation {
        /// The persona's short name.
        persona: String,
        /// Which state of the persona's files was used.
        version: String,
        mode: Mode,
        /// The text that the knowledge base was searched with.
        query: String,
        /// The best ten entries that matched, best first.
        candidates: Vec<Candidate>,
        /// The ids of the entries that were put into the prompt, best first.
        used: Vec<String>,
        /// The entries of its card's lorebook that something spoke for.
        lore: Vec<LoreEntry>,
        /// How many of the oldest turns were left out for want of room.
        history_dropped: u64,
        /// How many of the persona's examples were left out for want of room.
        examples_dropped: u64,
        /// What else was left out or cut for want of room.
        left_out: Vec<PromptSection>,
        budget: TokenBudget,
        tokens: SectionTokens,
    }

    /// An entry of the knowledge base that matched.
    #[schema(examples(json!({
        "id": "coin", "score": 7.4, "matched": [example_of::<Match>()], "outcome": "used",
    })))]
    Candidate {
        /// The entry's id.
        id: String,
        /// How well it matched; above 0.
        score: f64,
        /// The words that matched, in the order in which they were said.
        matched: Vec<Match>,
        outcome: EntryOutcome,
    }

    /// An entry of a lorebook that something spoke for.
    #[schema(examples(json!({ "id": "3", "name": "The bell", "matched": ["bell"], "outcome": "active" })))]
    LoreEntry {
        /// The entry's id.
        id: String,
        /// Its name, which may be empty.
        name: String,
        /// Its keys that matched.
        matched: Vec<String>,
        /// What became of it, such as `active`, `constant` or `over_budget`.
        outcome: String,
    }

    /// How many tokens a prompt may take, by the server's estimate.
    #[schema(examples(json!({ "context": 2048, "reply": 1024, "history": 6000 })))]
    TokenBudget {
        /// The model's context: the prompt and the reply.
        context: u64,
        /// What of it is kept free for the reply.
        reply: u64,
        /// What earlier turns may take at most.
        history: u64,
    }

    /// A word, or an alias or name of several words, that was said and is found in an entry.
    #[schema(examples(json!({ "word": "price", "field": "tag" })))]
    Match {
        /// The word, in lower case.
        word: String,
        field: Field,
    }

    /// A message as it was sent to the model.
    #[schema(examples(json!({ "role": "system", "content": "You are Bronn of the Blackwater. …" })))]
    PromptMessage {
        role: RoleWord,
        /// Its text.
        content: String,
    }

    /// Tokens by part of the prompt, by a conservative estimate.
    #[schema(examples(json!({
        "system": 479, "user": 0, "knowledge": 110, "examples": 0, "instructions": 84, "summary": 0, "history": 0,
        "note": 0, "prompt": 10,
    })))]
    SectionTokens {
        /// Who is speaking.
        system: u64,
        /// Who is spoken to.
        user: u64,
        /// What was found in the knowledge base.
        knowledge: u64,
        /// Exchanges that show how the persona talks.
        examples: u64,
        /// The guard rails.
        instructions: u64,
        /// What happened before the turns that fit.
        summary: u64,
        /// Earlier turns.
        history: u64,
        /// The author's note.
        note: u64,
        /// What is being answered, and what of the answer is said already.
        prompt: u64,
    }
}

/// Who answers: `ic` is the character, `ooc` a narrator beside it.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "it describes what another type holds")]
enum Mode {
    Ic,
    Ooc,
}

/// Where in an entry a word was found.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "it describes what another type holds")]
enum Field {
    Tag,
    Alias,
    Entity,
    Summary,
    Line,
    Notes,
}

/// What became of an entry that matched: `used`, or why it was not.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "it describes what another type holds")]
enum EntryOutcome {
    Used,
    BelowMinScore,
    FarBehind,
    BeyondTopK,
    OverTokenBudget,
    NoRoom,
}

/// A part of a prompt that can be left out, in the order in which they are.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "it describes what another type holds")]
enum PromptSection {
    User,
    Summary,
    Note,
    System,
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;

    /// The names of a schema's properties.
    fn described<T: PartialSchema>() -> Vec<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    fn held(value: &Value) -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn an_explanation_is_what_the_document_says() {
        let modes = [persona::Mode::InCharacter, persona::Mode::OutOfCharacter];
        use persona::Field as F;
        let fields = [F::Tag, F::Alias, F::Entity, F::Summary, F::Line, F::Notes];
        use persona::Outcome as O;
        let outcomes =
            [O::Used, O::BelowMinScore, O::FarBehind, O::BeyondTopK, O::OverTokenBudget, O::NoRoom];
        use persona::Section as S;
        let sections = [S::User, S::Summary, S::Note, S::System];
        let matched = fields.map(|field| persona::Match { word: "gold".to_owned(), field }).to_vec();
        let explanation = persona::Explanation {
            persona: "bronn".to_owned(),
            version: "1".to_owned(),
            mode: modes[0],
            query: "gold".to_owned(),
            candidates: vec![persona::Candidate {
                id: "1".to_owned(),
                score: 1.0,
                matched,
                outcome: outcomes[0],
            }],
            used: Vec::new(),
            lore: vec![persona::LoreEntry {
                id: "1".to_owned(),
                name: String::new(),
                matched: Vec::new(),
                outcome: "active".to_owned(),
            }],
            history_dropped: 0,
            examples_dropped: 0,
            left_out: Vec::new(),
            budget: persona::Budget::default(),
            tokens: persona::SectionTokens::default(),
        };
        let value = serde_json::to_value(explanation).unwrap();
        let candidate = &value["candidates"][0];
        assert_eq!(described::<Explanation>(), held(&value));
        assert_eq!(described::<Candidate>(), held(candidate));
        assert_eq!(described::<Match>(), held(&candidate["matched"][0]));
        assert_eq!(described::<SectionTokens>(), held(&value["tokens"]));
        assert_eq!(described::<TokenBudget>(), held(&value["budget"]));
        assert_eq!(described::<LoreEntry>(), held(&value["lore"][0]));
        let message = persona::PromptMessage { role: persona::Role::System, content: "Bronn.".to_owned() };
        assert_eq!(described::<PromptMessage>(), held(&serde_json::to_value(message).unwrap()));

        let words = |schema: Value| schema["enum"].clone();
        assert_eq!(words(serde_json::to_value(Mode::schema()).unwrap()), json!(modes));
        assert_eq!(words(serde_json::to_value(Field::schema()).unwrap()), json!(fields));
        assert_eq!(words(serde_json::to_value(EntryOutcome::schema()).unwrap()), json!(outcomes));
        assert_eq!(words(serde_json::to_value(PromptSection::schema()).unwrap()), json!(sections));
    }
}
