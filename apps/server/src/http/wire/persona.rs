//! Characters.

use std::collections::BTreeMap;

use raconteur_domain::limits::CONTENT_MAX_CHARS;
use raconteur_domain::{OwnPersona, UserId};
use raconteur_persona::{self as persona, Speaker, Turn};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::generation::{Explanation, PromptMessage};
use super::persona_source::{PRIVATE, PUBLIC, PersonaDraft, PersonaSource};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas::{self, example_of};
use crate::personas::Picture;

/// A character, as a list shows it.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "slug": "bronn", "name": "Bronn", "full_name": "Ser Bronn of the Blackwater",
    "description": "A sellsword with a quick blade, a dry tongue and a clear idea of what everything costs.",
    "avatar": "/api/personas/bronn/avatar?v=0f3a6c2b9d41e857", "tags": ["westeros"], "mine": false,
    "visibility": "built_in",
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
    /// Where its picture is, below this server's address. Null where it has none. The address of a private character's picture
    /// needs no token, and nobody guesses it.
    #[schema(required)]
    avatar: Option<String>,
    /// Words to find it by.
    tags: Vec<String>,
    /// Whether it is the caller's own.
    mine: bool,
    /// Whether the server brings it, or whoever made it shows it to everybody or to nobody.
    #[schema(schema_with = shown_visibility)]
    visibility: &'static str,
}

fn shown_visibility() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(utoipa::openapi::Type::String)
        .enum_values(Some([BUILT_IN, PUBLIC, PRIVATE]))
        .description(Some(
            "Where it comes from: the server brings it, or somebody at this server has made it, for everybody or for \
             themselves.",
        ))
}

const BUILT_IN: &str = "built_in";

impl Persona {
    /// One that the server has, with its picture where it has one.
    pub fn built_in(persona: &persona::Persona, picture: Option<&Picture>) -> Self {
        Self {
            slug: persona.slug().to_owned(),
            name: persona.name().to_owned(),
            full_name: persona.full_name().map(str::to_owned),
            description: persona.description().map(str::to_owned),
            avatar: picture.map(|picture| avatar(persona.slug(), &picture.tag)),
            tags: persona.tags().to_vec(),
            mine: false,
            visibility: BUILT_IN,
        }
    }

    /// One that somebody has made, as this person sees it.
    pub fn own(own: &OwnPersona, viewer: Option<UserId>) -> Self {
        Self {
            slug: own.slug.clone(),
            name: own.name.clone(),
            full_name: None,
            description: own.description.clone(),
            avatar: own.picture_type.as_ref().map(|_| avatar(&own.slug, &own.version)),
            tags: own.tags.clone(),
            mine: own.is_of(viewer),
            visibility: if own.public { PUBLIC } else { PRIVATE },
        }
    }
}

/// The address of a picture in the state of which this tag tells.
fn avatar(slug: &str, tag: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(slug.as_bytes()).collect();
    format!("/api/personas/{}/avatar?v={tag}", encoded.replace('+', "%20"))
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
    /// What it is made of, where it is the caller's own; else null.
    #[schema(required)]
    source: Option<PersonaSource>,
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
        "source": null,
    });
    if let (Value::Object(example), Value::Object(more)) = (&mut example, more) {
        example.extend(more);
    }
    example
}

impl WholePersona {
    pub fn new(whole: &persona::Persona, shown: Persona, source: Option<PersonaSource>) -> Self {
        let exchange = |example: &persona::Example| ExampleExchange {
            user: example.user.clone(),
            reply: example.reply.clone(),
        };
        Self {
            aliases: whole.aliases().to_vec(),
            greetings: whole.greetings(None, ""),
            examples: whole.examples().iter().map(exchange).collect(),
            notice: whole.notice().map(str::to_owned),
            entries: whole.knowledge().entries().len() as u64,
            version: whole.version().to_owned(),
            source,
            persona: Persona { full_name: whole.full_name().map(str::to_owned), ..shown },
        }
    }
}

/// A character that was brought in a file.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "persona": example(),
    "ignored": ["`tags` is not a list of texts, and was left out."],
})))]
pub struct ImportedPersona {
    /// The character.
    pub persona: WholePersona,
    /// What in the file was left out or understood otherwise, a sentence each.
    pub ignored: Vec<String>,
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

/// What a character would be made of, and what is said to it: the fields of both beside each other.
pub struct DraftPreview;

impl PartialSchema for DraftPreview {
    fn schema() -> RefOr<Schema> {
        let mut draft = PersonaDraft::schema();
        if let (RefOr::T(Schema::Object(draft)), RefOr::T(Schema::Object(request))) =
            (&mut draft, PreviewRequest::schema())
        {
            draft.properties.extend(request.properties);
            draft.required.extend(request.required);
            draft.description = Some("What a character would be made of, and what is said to it.".to_owned());
            draft.examples = vec![json!({
                "name": "Wren", "description": "{{char}} runs the night ferry.", "query": "Is it safe?",
                "history": [example_of::<PreviewTurn>()],
                "knowledge": [{ "id": "bell", "tags": ["bell"], "summary": "It rings before a storm." }],
            })];
        }
        draft
    }
}

impl ToSchema for DraftPreview {
    fn schemas(list: &mut Vec<(String, RefOr<Schema>)>) {
        PreviewRequest::schemas(list);
    }
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
