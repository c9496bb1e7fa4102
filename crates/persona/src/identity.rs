//! `persona.yml`: who the persona is.

use serde_json::Value;

use crate::fields::Fields;
use crate::sampling::Sampling;
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
    /// Whether that is a name that somebody wrote, and not made of the slug.
    pub(crate) named: bool,
    pub(crate) full_name: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) greeting: Option<String>,
    pub(crate) examples: Vec<Example>,
    pub(crate) trouble: Vec<String>,
    pub(crate) avatar: Option<String>,
    pub(crate) notice: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) sampling: Sampling,
}

impl Identity {
    pub(crate) fn new(slug: &str, name: String) -> Self {
        Self {
            slug: slug.to_owned(),
            name,
            named: true,
            full_name: None,
            aliases: Vec::new(),
            description: None,
            greeting: None,
            examples: Vec::new(),
            trouble: Vec::new(),
            avatar: None,
            notice: None,
            tags: Vec::new(),
            sampling: Sampling::default(),
        }
    }

    /// The persona of a folder without a `persona.yml`: its slug with a capital is its name.
    pub(crate) fn from_slug(slug: &str) -> Self {
        let mut chars = slug.chars();
        let name = chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect());
        Self { named: false, ..Self::new(slug, name) }
    }

    /// What the file says, and where it says nothing what was known before.
    pub(crate) fn parse(known: &Self, bytes: &[u8], warnings: &mut Warnings<'_>) -> Self {
        let Some(map) = yaml::parse(bytes, warnings) else {
            return known.clone();
        };
        let mut fields = Fields::new(&map);
        let slug = fields.text("slug").unwrap_or_else(|| known.slug.clone());
        let unnamed = if known.named { known.name.clone() } else { Self::from_slug(&slug).name };
        let shown = examples(&mut fields);
        let name = fields.text("name");
        let identity = Self {
            named: known.named || name.is_some(),
            name: name.unwrap_or(unnamed),
            slug,
            full_name: fields.text("full_name").or_else(|| known.full_name.clone()),
            aliases: some_or(fields.texts("aliases"), &known.aliases),
            description: fields.text("description").or_else(|| known.description.clone()),
            greeting: fields.text("greeting").or_else(|| known.greeting.clone()),
            examples: some_or(shown, &known.examples),
            trouble: some_or(fields.texts("trouble"), &known.trouble),
            avatar: fields.text("avatar"),
            notice: fields.text("notice").or_else(|| known.notice.clone()),
            tags: some_or(fields.texts("tags"), &known.tags),
            sampling: Sampling::read(&mut fields, "").or(&known.sampling),
        };
        yaml::report(&fields.into_problems(), bytes, warnings);
        identity
    }
}

/// The list, or the other one where it is empty.
fn some_or<T: Clone>(list: Vec<T>, other: &[T]) -> Vec<T> {
    if list.is_empty() { other.to_vec() } else { list }
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
