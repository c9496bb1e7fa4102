//! `persona.yml`: who the persona is.

use serde_json::Value;

use crate::fields::Fields;
use crate::warning::Warnings;
use crate::yaml;

/// An exchange that shows how the persona talks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What is said to it.
    pub user: String,
    /// What it answers.
    pub reply: String,
}

/// What `persona.yml` says, or what does without it.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) full_name: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) greeting: Option<String>,
    pub(crate) examples: Vec<Example>,
    pub(crate) trouble: Vec<String>,
    pub(crate) avatar: Option<String>,
    pub(crate) notice: Option<String>,
}

impl Identity {
    pub(crate) fn new(slug: &str, name: String) -> Self {
        Self {
            slug: slug.to_owned(),
            name,
            full_name: None,
            aliases: Vec::new(),
            description: None,
            greeting: None,
            examples: Vec::new(),
            trouble: Vec::new(),
            avatar: None,
            notice: None,
        }
    }

    /// The persona of a folder without a `persona.yml`: its slug with a capital is its name.
    pub(crate) fn from_slug(slug: &str) -> Self {
        let mut chars = slug.chars();
        let name = chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect());
        Self::new(slug, name)
    }

    /// What the file says, and where it says nothing what was known before.
    pub(crate) fn parse(known: &Self, bytes: &[u8], warnings: &mut Warnings<'_>) -> Self {
        let Some(map) = yaml::parse(bytes, warnings) else {
            return known.clone();
        };
        let mut fields = Fields::new(&map);
        let slug = fields.text("slug").unwrap_or_else(|| known.slug.clone());
        let named = if known.name == Self::from_slug(&known.slug).name {
            Self::from_slug(&slug).name
        } else {
            known.name.clone()
        };
        let shown = examples(&mut fields);
        let identity = Self {
            name: fields.text("name").unwrap_or(named),
            slug,
            full_name: fields.text("full_name").or_else(|| known.full_name.clone()),
            aliases: fields.texts("aliases"),
            description: fields.text("description").or_else(|| known.description.clone()),
            greeting: fields.text("greeting").or_else(|| known.greeting.clone()),
            examples: if shown.is_empty() { known.examples.clone() } else { shown },
            trouble: fields.texts("trouble"),
            avatar: fields.text("avatar"),
            notice: fields.text("notice"),
        };
        yaml::report(&fields.into_problems(), bytes, warnings);
        identity
    }
}

fn examples(fields: &mut Fields<'_>) -> Vec<Example> {
    let expected = "a list of mappings with `user` and `reply`";
    let Some(value) = fields.get("examples") else {
        return Vec::new();
    };
    let list = value.as_array().map(Vec::as_slice).unwrap_or_else(|| std::slice::from_ref(value));
    let examples: Vec<_> = list.iter().filter_map(example).collect();
    if examples.len() < list.len() {
        fields.problem("examples", expected);
    }
    examples
}

fn example(value: &Value) -> Option<Example> {
    let mut fields = Fields::new(value.as_object()?);
    Some(Example { user: fields.text("user")?, reply: fields.text("reply")? })
}
