//! What a character is made of, as its owner reads and writes it.

use raconteur_domain::limits::{CHARACTER_MAX_CHARS, CONTENT_MAX_CHARS, MODEL_MAX_CHARS};
use raconteur_domain::{OwnPersona, Temperature, slug, strip};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas;
use crate::own_personas::{Draft, Source};

const SLUG: Text = Text { max: CHARACTER_MAX_CHARS, blank: false, trim: true };
const NAME: Text = Text { max: CHARACTER_MAX_CHARS, blank: false, trim: true };
const LONG: Text = Text { max: CONTENT_MAX_CHARS, blank: true, trim: false };
const MODEL: Text = Text { max: MODEL_MAX_CHARS, blank: false, trim: true };

/// How many greetings beside the first a character has, at most.
const GREETINGS_MAX: usize = 100;
/// How many tags it has, at most, and how long one of them is.
const TAGS_MAX: usize = 64;
const TAG_MAX_CHARS: usize = 64;
/// How many things it knows, at most, where they come in a request; a file may bring more.
const KNOWLEDGE_MAX: usize = 10_000;

/// For its owner alone.
pub const PRIVATE: &str = "private";
/// For everybody.
pub const PUBLIC: &str = "public";

/// What a character is made of. Texts may have the macros of character cards, such as `{{char}}` and `{{user}}`.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!(example())))]
pub struct PersonaSource {
    #[schema(schema_with = short_name)]
    slug: String,
    #[schema(schema_with = visibility)]
    visibility: &'static str,
    #[schema(schema_with = name)]
    name: String,
    #[schema(schema_with = description)]
    description: String,
    #[schema(schema_with = personality)]
    personality: String,
    #[schema(schema_with = scenario)]
    scenario: String,
    #[schema(schema_with = greeting)]
    greeting: String,
    #[schema(schema_with = alternate_greetings)]
    alternate_greetings: Vec<String>,
    #[schema(schema_with = example_dialogue)]
    example_dialogue: String,
    #[schema(schema_with = system_prompt)]
    system_prompt: String,
    #[schema(schema_with = post_history_instructions)]
    post_history_instructions: String,
    #[schema(schema_with = creator_notes)]
    creator_notes: String,
    #[schema(schema_with = tags)]
    tags: Vec<String>,
    #[schema(schema_with = character_book)]
    character_book: Value,
    #[schema(schema_with = knowledge)]
    knowledge: Value,
    #[schema(schema_with = style)]
    style: String,
    #[schema(schema_with = model)]
    model: Value,
    #[schema(schema_with = temperature)]
    temperature: Value,
    #[schema(schema_with = max_tokens)]
    max_tokens: Value,
}

fn example() -> Value {
    json!({
        "slug": "wren",
        "visibility": PRIVATE,
        "name": "Wren",
        "description": "{{char}} runs the night ferry at Saltmouth and trusts nobody who whistles.",
        "personality": "Dry, watchful, kinder than she lets on.",
        "scenario": "The last crossing before the storm. {{user}} is the only passenger.",
        "greeting": "Mind the plank, it is wet.",
        "alternate_greetings": ["You are late. So is the tide."],
        "example_dialogue": "<START>\n{{user}}: Is it safe?\n{{char}}: Mostly.",
        "system_prompt": "",
        "post_history_instructions": "",
        "creator_notes": "",
        "tags": ["ferry", "night"],
        "character_book": null,
        "knowledge": [{ "id": "bell", "tags": ["bell"], "summary": "The drowned bell rings before a storm." }],
        "style": "",
        "model": null,
        "temperature": 0.8,
        "max_tokens": null,
    })
}

/// A new one leaves its short name to the server.
fn new_example() -> Value {
    let mut example = example();
    if let Value::Object(example) = &mut example {
        example.remove("slug");
    }
    example
}

impl PersonaSource {
    pub fn new(own: &OwnPersona, source: &Source) -> Self {
        let card = &source.package.card;
        let list = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        Self {
            slug: own.slug.clone(),
            visibility: if own.public { PUBLIC } else { PRIVATE },
            name: own.name.clone(),
            description: card.description().to_owned(),
            personality: card.personality().to_owned(),
            scenario: card.scenario().to_owned(),
            greeting: card.first_mes().to_owned(),
            alternate_greetings: list(card.alternate_greetings()),
            example_dialogue: card.mes_example().to_owned(),
            system_prompt: card.system_prompt().to_owned(),
            post_history_instructions: card.post_history_instructions().to_owned(),
            creator_notes: card.creator_notes().to_owned(),
            tags: list(card.tags()),
            character_book: card.character_book().cloned().unwrap_or_default(),
            knowledge: json!(source.knowledge()),
            style: source.package.style_yml.clone().unwrap_or_default(),
            model: source.own("model"),
            temperature: source.own("temperature"),
            max_tokens: source.own("max_tokens"),
        }
    }
}

/// A new character. What is not named is empty.
#[derive(ToSchema)]
#[schema(examples(json!(new_example())))]
#[allow(dead_code, reason = "it describes what is read field by field")]
pub struct PersonaDraft {
    #[schema(schema_with = short_name, required = false)]
    slug: String,
    #[schema(schema_with = visibility, required = false)]
    visibility: String,
    #[schema(schema_with = name)]
    name: String,
    #[schema(schema_with = description, required = false)]
    description: String,
    #[schema(schema_with = personality, required = false)]
    personality: String,
    #[schema(schema_with = scenario, required = false)]
    scenario: String,
    #[schema(schema_with = greeting, required = false)]
    greeting: String,
    #[schema(schema_with = alternate_greetings, required = false)]
    alternate_greetings: Vec<String>,
    #[schema(schema_with = example_dialogue, required = false)]
    example_dialogue: String,
    #[schema(schema_with = system_prompt, required = false)]
    system_prompt: String,
    #[schema(schema_with = post_history_instructions, required = false)]
    post_history_instructions: String,
    #[schema(schema_with = creator_notes, required = false)]
    creator_notes: String,
    #[schema(schema_with = tags, required = false)]
    tags: Vec<String>,
    #[schema(schema_with = character_book, required = false)]
    character_book: Value,
    #[schema(schema_with = knowledge, required = false)]
    knowledge: Value,
    #[schema(schema_with = style, required = false)]
    style: String,
    #[schema(schema_with = model, required = false)]
    model: String,
    #[schema(schema_with = temperature, required = false)]
    temperature: f64,
    #[schema(schema_with = max_tokens, required = false)]
    max_tokens: u32,
}

/// What of a character is to be different: the same, and nothing of it has to be there.
pub struct PersonaChanges;

impl PartialSchema for PersonaChanges {
    fn schema() -> RefOr<Schema> {
        let mut draft = PersonaDraft::schema();
        if let RefOr::T(Schema::Object(draft)) = &mut draft {
            draft.required.clear();
            draft.description =
                Some("What of a character is to be different. What is not named stays.".to_owned());
        }
        draft
    }
}

impl ToSchema for PersonaChanges {}

fn short_name() -> ObjectBuilder {
    schemas::text(
        SLUG,
        "Its short name, which stands in addresses: letters and digits in lower case, with single hyphens between them. \
         Where it is not given it is made of the name.",
    )
}

fn visibility() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([PRIVATE, PUBLIC]))
        .default(Some(json!(PRIVATE)))
        .description(Some(
            "Who may speak to it: its owner alone, or everybody at this server. A public one is shown whole to everybody \
             who asks for its prompt or exports it.",
        ))
}

fn name() -> ObjectBuilder {
    schemas::text(NAME, "What it is called. Blanks around it are taken off before it is counted.")
}

fn description() -> ObjectBuilder {
    schemas::text(LONG, "Who it is, as the model is told.")
}

fn personality() -> ObjectBuilder {
    schemas::text(LONG, "Its personality in a few words.")
}

fn scenario() -> ObjectBuilder {
    schemas::text(LONG, "Where and when the conversation takes place.")
}

fn greeting() -> ObjectBuilder {
    schemas::text(LONG, "What it says first.")
}

fn alternate_greetings() -> ArrayBuilder {
    let item = schemas::text(LONG, "A greeting.");
    // Not as `maxItems`: so many long ones are refused for the size of the body first.
    let description = format!("What it may say first instead; {GREETINGS_MAX} at most.");
    ArrayBuilder::new().items(item).description(Some(description))
}

fn example_dialogue() -> ObjectBuilder {
    schemas::text(
        LONG,
        "Dialogues that show how it talks: `<START>` before each, and lines that begin with `{{user}}:` or `{{char}}:`.",
    )
}

fn system_prompt() -> ObjectBuilder {
    schemas::text(
        LONG,
        "What the model is told at the very beginning in the place of the usual; `{{original}}` in it stands for that.",
    )
}

fn post_history_instructions() -> ObjectBuilder {
    schemas::text(LONG, "What the model is told last, after everything that was said.")
}

fn creator_notes() -> ObjectBuilder {
    schemas::text(LONG, "What its maker tells people. The model is not told.")
}

fn tags() -> ArrayBuilder {
    let item = schemas::raw_text("A tag.").max_length(Some(TAG_MAX_CHARS));
    ArrayBuilder::new().items(item).max_items(Some(TAGS_MAX)).description(Some("Words to find it by."))
}

fn nullable(kind: Type, description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null])).description(Some(description))
}

fn character_book() -> ObjectBuilder {
    nullable(Type::Object, "Its lorebook, as character cards of version 3 have it. Null for none.")
}

fn knowledge() -> ArrayBuilder {
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .items(ObjectBuilder::new().schema_type(Type::Object))
        .description(Some(
            "What it knows, an object for each thing, with the fields of a line of `kb.jsonl`: `id`, `tags`, `aliases`, \
             `summary`, `ic_reply` and more; 10,000 at most. Null or an empty list for nothing.",
        ))
}

fn style() -> ObjectBuilder {
    schemas::text(LONG, "How it speaks and finds what it knows: a `style.yml`. Empty for the usual.")
}

fn model() -> ObjectBuilder {
    schemas::text(MODEL, "The model that answers, where this server offers it. Null for the usual.")
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

fn temperature() -> ObjectBuilder {
    temperature_schema("How freely the model chooses its words. Null for the usual.")
}

/// A temperature, or null.
pub fn temperature_schema(description: &str) -> ObjectBuilder {
    nullable(Type::Number, description).minimum(Some(0.0)).maximum(Some(Temperature::MAX))
}

fn max_tokens() -> ObjectBuilder {
    max_tokens_schema(
        "The longest reply, in the model's own tokens; this server has a bound of its own too. Null for the usual.",
    )
}

/// A bound of replies, or null.
pub fn max_tokens_schema(description: &str) -> ObjectBuilder {
    nullable(Type::Integer, description).minimum(Some(1)).maximum(Some(MAX_TOKENS))
}

/// The highest bound of replies that can be asked for.
pub const MAX_TOKENS: u32 = 1_000_000;

impl PersonaDraft {
    /// A new character, which has to have a name.
    pub fn read_new(fields: &mut Fields) -> Result<Draft, ApiError> {
        if !fields.is_given("name") {
            fields.note("name", "This field is required.");
        }
        Self::read(fields)
    }

    /// Changes of a character.
    pub fn read(fields: &mut Fields) -> Result<Draft, ApiError> {
        let draft = Draft {
            slug: read_slug(fields),
            public: read_visibility(fields),
            name: fields.text("name", NAME),
            description: fields.text("description", LONG),
            personality: fields.text("personality", LONG),
            scenario: fields.text("scenario", LONG),
            greeting: fields.text("greeting", LONG),
            alternate_greetings: read_texts(fields, "alternate_greetings", GREETINGS_MAX, CONTENT_MAX_CHARS),
            example_dialogue: fields.text("example_dialogue", LONG),
            system_prompt: fields.text("system_prompt", LONG),
            post_history_instructions: fields.text("post_history_instructions", LONG),
            creator_notes: fields.text("creator_notes", LONG),
            tags: read_texts(fields, "tags", TAGS_MAX, TAG_MAX_CHARS),
            character_book: read_book(fields),
            knowledge: read_knowledge(fields),
            style: fields.text("style", LONG),
            model: read_model(fields),
            temperature: read_temperature(fields),
            max_tokens: read_max_tokens(fields, MAX_TOKENS),
        };
        fields.check()?;
        Ok(draft)
    }
}

fn read_slug(fields: &mut Fields) -> Option<String> {
    let given = fields.text("slug", SLUG)?;
    if slug(&given) != given {
        fields.note("slug", "Use letters and digits in lower case, with single hyphens between them.");
        return None;
    }
    Some(given)
}

fn read_visibility(fields: &mut Fields) -> Option<bool> {
    match fields.value("visibility")?.as_str() {
        Some(PRIVATE) => Some(false),
        Some(PUBLIC) => Some(true),
        _ => {
            fields.note("visibility", "Expected private or public.");
            None
        }
    }
}

fn read_texts(fields: &mut Fields, name: &'static str, most: usize, longest: usize) -> Option<Vec<String>> {
    let value = fields.value(name)?;
    let texts = value.as_array().filter(|list| list.len() <= most).and_then(|list| {
        let text = |value: &Value| {
            let text = value.as_str()?;
            let fits = text.chars().count() <= longest && !text.contains('\0');
            fits.then(|| text.to_owned())
        };
        list.iter().map(text).collect()
    });
    if texts.is_none() {
        fields
            .note(name, format!("Expected a list of at most {most} texts of at most {longest} characters."));
    }
    texts
}

fn read_book(fields: &mut Fields) -> Option<Value> {
    let value = fields.value("character_book")?;
    if !(value.is_null() || value.is_object()) {
        fields.note("character_book", "Expected a lorebook, which is an object, or null.");
        return None;
    }
    Some(value)
}

fn read_knowledge(fields: &mut Fields) -> Option<Option<Vec<Map<String, Value>>>> {
    let entries = match fields.value("knowledge")? {
        Value::Null => return Some(None),
        Value::Array(entries) if entries.len() <= KNOWLEDGE_MAX => entries,
        _ => {
            fields.note("knowledge", format!("Expected a list of at most {KNOWLEDGE_MAX} objects, or null."));
            return None;
        }
    };
    let objects = entries.into_iter().map(|entry| match entry {
        Value::Object(entry) => Some(entry),
        _ => None,
    });
    let objects = objects.collect::<Option<Vec<_>>>();
    if objects.is_none() {
        fields.note("knowledge", "Expected an object for each thing.");
    }
    objects.map(Some)
}

/// The name of a model; null for the usual.
pub fn read_model(fields: &mut Fields) -> Option<Option<String>> {
    if fields.is_null("model") {
        return Some(None);
    }
    fields.text("model", MODEL).map(|model| Some(strip(&model).to_owned()))
}

/// A temperature; null for the usual.
pub fn read_temperature(fields: &mut Fields) -> Option<Option<Temperature>> {
    let value = fields.value("temperature")?;
    if value.is_null() {
        return Some(None);
    }
    let temperature = value.as_f64().and_then(Temperature::new);
    if temperature.is_none() {
        fields.note("temperature", "Expected a number from 0 to 2, or null.");
    }
    temperature.map(Some)
}

/// A bound of replies up to this one; null for the usual.
pub fn read_max_tokens(fields: &mut Fields, most: u32) -> Option<Option<u32>> {
    let value = fields.value("max_tokens")?;
    if value.is_null() {
        return Some(None);
    }
    let tokens = value.as_u64().and_then(|tokens| u32::try_from(tokens).ok());
    let tokens = tokens.filter(|tokens| (1..=most).contains(tokens));
    if tokens.is_none() {
        fields.note("max_tokens", format!("Expected a number from 1 to {most}, or null."));
    }
    tokens.map(Some)
}
