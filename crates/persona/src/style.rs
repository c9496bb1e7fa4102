//! `style.yml`: how the persona speaks.

use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::retrieval::{Ranking, TieBreaker};
use crate::warning::Warnings;
use crate::yaml;

/// What switches to the narrator where the style names nothing else.
const DEFAULT_TOGGLE: &str = "[[OOC]]";

/// How a persona speaks. All of it is optional.
#[derive(Debug)]
pub(crate) struct Style {
    /// Everything that the file says, for templates.
    pub(crate) fields: Map<String, Value>,
    pub(crate) ic_template: Option<String>,
    pub(crate) ooc_template: Option<String>,
    /// Never blank.
    pub(crate) toggle: String,
    pub(crate) fallbacks: Vec<String>,
    pub(crate) ranking: Ranking,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            fields: Map::new(),
            ic_template: None,
            ooc_template: None,
            toggle: DEFAULT_TOGGLE.to_owned(),
            fallbacks: Vec::new(),
            ranking: Ranking::default(),
        }
    }
}

impl Style {
    pub(crate) fn parse(bytes: &[u8], warnings: &mut Warnings<'_>) -> Self {
        let Some(map) = yaml::parse(bytes, warnings) else {
            return Self::default();
        };
        let mut fields = Fields::new(&map);
        let (ic_template, ooc_template) = match fields.get("system") {
            Some(Value::String(_)) => (fields.text("system"), None),
            _ => (fields.text("system.ic_template"), fields.text("system.ooc_template")),
        };
        let toggle = match fields.get("ooc_mode") {
            Some(Value::String(_)) => fields.text("ooc_mode"),
            _ => fields.text("ooc_mode.toggle"),
        };
        let fallbacks = fields.texts("fallbacks");
        let ranking = ranking(&mut fields);
        yaml::report(&fields.into_problems(), bytes, warnings);
        let toggle = toggle.unwrap_or_else(|| DEFAULT_TOGGLE.to_owned());
        Self { fields: map, ic_template, ooc_template, toggle, fallbacks, ranking }
    }

    /// The text behind the toggle that it begins with, if it does.
    pub(crate) fn strip_toggle<'a>(&self, text: &'a str) -> Option<&'a str> {
        text.trim_start().strip_prefix(self.toggle.as_str()).map(str::trim_start)
    }
}

fn ranking(fields: &mut Fields<'_>) -> Ranking {
    let default = Ranking::default();
    Ranking {
        tag_weight: fields.number("retrieval.ranking.tag_weight").unwrap_or(default.tag_weight),
        alias_weight: fields.number("retrieval.ranking.alias_weight").unwrap_or(default.alias_weight),
        summary_overlap_weight: fields
            .number("retrieval.ranking.summary_overlap_weight")
            .unwrap_or(default.summary_overlap_weight),
        tie_breakers: tie_breakers(fields).unwrap_or(default.tie_breakers),
    }
}

/// The rules that are listed; nothing where there is no list at all.
fn tie_breakers(fields: &mut Fields<'_>) -> Option<Vec<TieBreaker>> {
    const FIELD: &str = "retrieval.tie_breakers";
    fields.get(FIELD)?;
    let names = fields.texts(FIELD);
    let rules: Vec<_> = names.iter().filter_map(|name| TieBreaker::from_name(name)).collect();
    if rules.len() < names.len() {
        fields.problem(FIELD, "`higher weight` or `book+show over single-canon`");
    }
    Some(rules)
}
