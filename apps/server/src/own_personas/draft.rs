//! What a person says about a character of theirs: the card's fields that are edited, and what stands beside the card.

use raconteur_domain::Temperature;
use raconteur_persona::cards::Card;
use raconteur_persona::package::Package;
use serde_json::{Map, Value, json};

use super::PersonaError;

/// Where a card has what is Raconteur's own.
const EXTENSION: &str = "raconteur";

/// Changes of a character. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Its short name.
    pub slug: Option<String>,
    /// Whether everybody may speak to it.
    pub public: Option<bool>,
    /// Its name.
    pub name: Option<String>,
    /// Who it is.
    pub description: Option<String>,
    /// Its personality in a few words.
    pub personality: Option<String>,
    /// Where the conversation takes place.
    pub scenario: Option<String>,
    /// What it says first.
    pub greeting: Option<String>,
    /// What it may say first instead.
    pub alternate_greetings: Option<Vec<String>>,
    /// Dialogues that show how it talks.
    pub example_dialogue: Option<String>,
    /// What the model is told instead of the usual.
    pub system_prompt: Option<String>,
    /// What the model is told last.
    pub post_history_instructions: Option<String>,
    /// What its maker tells people.
    pub creator_notes: Option<String>,
    /// Words to find it by.
    pub tags: Option<Vec<String>>,
    /// Its lorebook; null for none.
    pub character_book: Option<Value>,
    /// What it knows, an object for each thing; null for nothing.
    pub knowledge: Option<Option<Vec<Map<String, Value>>>>,
    /// How it speaks: a `style.yml`.
    pub style: Option<String>,
    /// The model that answers, where the server offers it.
    pub model: Option<Option<String>>,
    /// How freely it chooses its words.
    pub temperature: Option<Option<Temperature>>,
    /// The longest reply, in the model's own tokens.
    pub max_tokens: Option<Option<u32>>,
}

impl Draft {
    /// Changes the package.
    ///
    /// # Errors
    ///
    /// A field that does not say what it is to say.
    pub fn apply(self, package: &mut Package) -> Result<(), PersonaError> {
        let changed = Changed::of(&self);
        let card = &mut package.card;
        if let Some(name) = self.name {
            // A nickname would go before it.
            card.set_name(name).set_nickname("");
        }
        set(card, self.description, Card::set_description);
        set(card, self.personality, Card::set_personality);
        set(card, self.scenario, Card::set_scenario);
        set(card, self.greeting, Card::set_first_mes);
        set(card, self.example_dialogue, Card::set_mes_example);
        set(card, self.system_prompt, Card::set_system_prompt);
        set(card, self.post_history_instructions, Card::set_post_history_instructions);
        set(card, self.creator_notes, Card::set_creator_notes);
        if let Some(greetings) = self.alternate_greetings {
            card.set_alternate_greetings(greetings);
        }
        if let Some(tags) = self.tags {
            card.set_tags(tags);
        }
        if let Some(book) = self.character_book {
            card.set_character_book(book);
        }
        set_own(card, "model", self.model.map(|model| json!(model)));
        set_own(card, "temperature", self.temperature.map(|t| json!(t.map(Temperature::value))));
        set_own(card, "max_tokens", self.max_tokens.map(|tokens| json!(tokens)));
        if let Some(style) = self.style {
            package.style_yml = Some(style).filter(|style| !style.trim().is_empty());
        }
        if let Some(knowledge) = self.knowledge {
            package.kb_jsonl = knowledge.filter(|entries| !entries.is_empty()).map(|entries| lines(&entries));
        }
        changed.check(package)
    }
}

/// Sets a text, where one is given.
fn set(card: &mut Card, text: Option<String>, set: impl FnOnce(&mut Card, String) -> &mut Card) {
    if let Some(text) = text {
        set(card, text);
    }
}

/// Sets what is Raconteur's own; null takes it away.
fn set_own(card: &mut Card, field: &str, value: Option<Value>) {
    let Some(value) = value else { return };
    let mut own = card.extension(EXTENSION).and_then(Value::as_object).cloned().unwrap_or_default();
    if value.is_null() {
        own.remove(field);
    } else {
        own.insert(field.to_owned(), value);
    }
    card.set_extension(EXTENSION, Value::Object(own));
}

fn lines(entries: &[Map<String, Value>]) -> String {
    let mut lines = String::new();
    for entry in entries {
        lines += &json!(entry).to_string();
        lines.push('\n');
    }
    lines
}

/// Which of the parts that have a form of their own were given. What was there before is not held against anybody.
struct Changed {
    knowledge: bool,
    style: bool,
    book: bool,
}

impl Changed {
    const fn of(draft: &Draft) -> Self {
        Self {
            knowledge: draft.knowledge.is_some(),
            style: draft.style.is_some(),
            book: draft.character_book.is_some(),
        }
    }

    fn check(&self, package: &Package) -> Result<(), PersonaError> {
        let loaded = package.load("draft");
        for warning in loaded.warnings {
            let field = match warning.file.as_str() {
                "kb.jsonl" if self.knowledge => "knowledge",
                "style.yml" if self.style => "style",
                "card" if self.book => "character_book",
                _ => continue,
            };
            let place = warning.line.map(|line| match field {
                "knowledge" => format!("entry {line}: "),
                _ => format!("line {line}: "),
            });
            return Err(PersonaError::Field(
                field,
                format!("{}{}", place.unwrap_or_default(), warning.message),
            ));
        }
        Ok(())
    }
}

/// What a package says, field by field: what a [`Draft`] can change.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The package.
    pub package: Package,
}

impl Source {
    /// What is Raconteur's own of the card.
    #[must_use]
    pub fn own(&self, field: &str) -> Value {
        let own = self.package.card.extension(EXTENSION).and_then(|own| own.get(field));
        own.cloned().unwrap_or(Value::Null)
    }

    /// What it knows, an object for each thing; nothing where it has no knowledge of its own.
    #[must_use]
    pub fn knowledge(&self) -> Option<Vec<Value>> {
        let lines = self.package.kb_jsonl.as_deref()?.lines();
        Some(lines.filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}
