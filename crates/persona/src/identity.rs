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
#[derive(Debug)]
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

    pub(crate) fn parse(slug: &str, bytes: &[u8], warnings: &mut Warnings<'_>) -> Self {
        let Some(map) = yaml::parse(bytes, warnings) else {
            return Self::from_slug(slug);
        };
        let mut fields = Fields::new(&map);
        let unnamed = Self::from_slug(&fields.text("slug").unwrap_or_else(|| slug.to_owned()));
        let identity = Self {
            slug: unnamed.slug,
            name: fields.text("name").unwrap_or(unnamed.name),
            full_name: fields.text("full_name"),
            aliases: fields.texts("aliases"),
            description: fields.text("description"),
            greeting: fields.text("greeting"),
            examples: examples(&mut fields),
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
