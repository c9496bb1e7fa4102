//! Characters.

use std::collections::BTreeMap;

use raconteur_domain::limits::CONTENT_MAX_CHARS;
use raconteur_persona::{self as persona, Speaker, Turn};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::generation::{Explanation, PromptMessage};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas::{self, example_of};

/// A character, as a list shows it.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "slug": "bronn", "name": "Bronn", "full_name": "Ser Bronn of the Blackwater",
    "description": "A sellsword with a quick blade, a dry tongue and a clear idea of what everything costs.",
    "avatar": "/api/personas/bronn/avatar?v=0f3a6c2b9d41e857",
})))]
pub struct Persona {
    /// Its short name, which stands in addresses.
    slug: String,
    /// What it is called: the `character` of a conversation with it.
    name: String,
    /// Its name in full, where that is another.
    #[schema(required)]
    full_name: Option<String>,
    /// Who it is.
    #[schema(required)]
    description: Option<String>,
    /// Where its picture is, below this server's address. Null where it has none.
    #[schema(required)]
    avatar: Option<String>,
}

impl Persona {
    pub fn new(persona: &persona::Persona, has_picture: bool) -> Self {
        let slug = persona.slug().to_owned();
        let encoded: String = form_urlencoded::byte_serialize(slug.as_bytes()).collect();
        let avatar = format!("/api/personas/{}/avatar?v={}", encoded.replace('+', "%20"), persona.version());
        Self {
            slug,
            name: persona.name().to_owned(),
            full_name: persona.full_name().map(str::to_owned),
            description: persona.description().map(str::to_owned),
            avatar: has_picture.then_some(avatar),
        }
    }
}

/// A character, with how it talks.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!(example())))]
pub struct WholePersona {
    #[serde(flatten)]
    persona: Persona,
    /// Other names that it answers to.
    aliases: Vec<String>,
    /// What it may say first: its greeting, then the others.
    greetings: Vec<String>,
    /// Exchanges that show how it talks.
    examples: Vec<ExampleExchange>,
    /// What its readers should know, such as whose character it is.
    #[schema(required)]
    notice: Option<String>,
    /// How many things it knows.
    entries: u64,
    /// Which state of its files is used.
    version: String,
}

/// Something that is said to a character, and what it answers.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "user": "Is Tyrion your friend?", "reply": "Near as I've got." })))]
pub struct ExampleExchange {
    /// What is said to it.
    user: String,
    /// What it answers.
    reply: String,
}

fn example() -> Value {
    let mut example = example_of::<Persona>();
    let more = json!({
        "aliases": ["Ser Bronn", "Lord Bronn"],
        "greetings": ["Sit where I can see your hands."],
        "examples": [example_of::<ExampleExchange>()],
        "notice": "Bronn is somebody else's character: George R. R. Martin's.",
        "entries": 169,
        "version": "0f3a6c2b9d41e857",
    });
    if let (Value::Object(example), Value::Object(more)) = (&mut example, more) {
        example.extend(more);
    }
    example
}

impl WholePersona {
    pub fn new(persona: &persona::Persona, has_picture: bool) -> Self {
        let exchange = |example: &persona::Example| ExampleExchange {
            user: example.user.clone(),
            reply: example.reply.clone(),
        };
        Self {
            aliases: persona.aliases().to_vec(),
            greetings: persona.greetings(None, ""),
            examples: persona.examples().iter().map(exchange).collect(),
            notice: persona.notice().map(str::to_owned),
            entries: persona.knowledge().entries().len() as u64,
            version: persona.version().to_owned(),
            persona: Persona::new(persona, has_picture),
        }
    }
}

const QUERY: Text = Text { max: CONTENT_MAX_CHARS, blank: true, trim: false };

/// How many turns a preview takes.
pub const HISTORY_MAX: usize = 200;

/// What is said in a preview.
#[derive(ToSchema)]
#[schema(examples(json!({
    "query": "And what does a duel cost?",
    "history": [example_of::<PreviewTurn>()],
})))]
pub struct PreviewRequest {
    #[schema(schema_with = query)]
    pub query: String,
    /// What was said before, oldest first; 200 at most.
    #[schema(value_type = Vec<PreviewTurn>, required = false)]
    pub history: Vec<Turn>,
}

/// Something that was said before.
#[derive(ToSchema)]
#[schema(examples(json!({ "role": "user", "content": "What is your price?" })))]
#[allow(dead_code, reason = "it describes what is read field by field")]
pub struct PreviewTurn {
    /// Who said it.
    role: PreviewRole,
    #[schema(schema_with = query)]
    content: String,
}

/// One of the two sides.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "it describes what is read field by field")]
enum PreviewRole {
    User,
    Assistant,
}

fn query() -> ObjectBuilder {
    schemas::text(QUERY, "What is said.")
}

impl PreviewRequest {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let query = fields.required_text("query", QUERY);
        let history = fields.value("history").map_or(Ok(Vec::new()), |value| turns(&value));
        if let Err(problem) = &history {
            fields.note("history", *problem);
        }
        fields.check()?;
        Ok(Self { query: query.unwrap_or_default(), history: history.unwrap_or_default() })
    }

    /// What is said of a history that cannot be read.
    pub fn wrong_history() -> ApiError {
        ApiError::Fields(BTreeMap::from([("history", vec![EXPECTED.to_owned()])]))
    }
}

const EXPECTED: &str = "Expected a list of at most 200 turns with `role` (user or assistant) and `content`.";

fn turns(value: &Value) -> Result<Vec<Turn>, &'static str> {
    let list = value.as_array().filter(|list| list.len() <= HISTORY_MAX).ok_or(EXPECTED)?;
    list.iter().map(|turn| read_turn(turn).ok_or(EXPECTED)).collect()
}

fn read_turn(turn: &Value) -> Option<Turn> {
    let speaker = match turn.get("role")?.as_str()? {
        "user" => Speaker::User,
        "assistant" => Speaker::Assistant,
        _ => return None,
    };
    let text = turn.get("content")?.as_str()?;
    let fits = text.chars().count() <= CONTENT_MAX_CHARS && !text.contains('\0');
    fits.then(|| Turn { speaker, text: text.to_owned() })
}

/// What a model would be asked, and why.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "messages": [example_of::<PromptMessage>(), { "role": "user", "content": "What is your price?" }],
    "scripted": "Coin's the only oath that weighs the same in every hand.",
    "explanation": example_of::<Explanation>(),
})))]
pub struct Preview {
    /// The messages, as they would be sent.
    #[schema(value_type = Vec<PromptMessage>)]
    messages: Vec<persona::PromptMessage>,
    /// What is said where there is no model.
    scripted: String,
    #[schema(value_type = Explanation)]
    explanation: persona::Explanation,
}

impl From<persona::Prompt> for Preview {
    fn from(prompt: persona::Prompt) -> Self {
        let persona::Prompt { messages, scripted, explanation } = prompt;
        Self { messages, scripted, explanation }
    }
}
