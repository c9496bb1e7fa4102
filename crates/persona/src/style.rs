//! `style.yml`: how the persona speaks.

use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::retrieval::bm25::Bm25;
use crate::retrieval::weights::{Ranking, TieBreaker};
use crate::retrieval::{Limits, Retrieval};
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
    pub(crate) retrieval: Retrieval,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            fields: Map::new(),
            ic_template: None,
            ooc_template: None,
            toggle: DEFAULT_TOGGLE.to_owned(),
            fallbacks: Vec::new(),
            retrieval: Retrieval::default(),
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
        let retrieval = retrieval(&mut fields);
        yaml::report(&fields.into_problems(), bytes, warnings);
        let toggle = toggle.unwrap_or_else(|| DEFAULT_TOGGLE.to_owned());
        Self { fields: map, ic_template, ooc_template, toggle, fallbacks, retrieval }
    }

    /// The text behind the toggle that it begins with, if it does.
    pub(crate) fn strip_toggle<'a>(&self, text: &'a str) -> Option<&'a str> {
        text.trim_start().strip_prefix(self.toggle.as_str()).map(str::trim_start)
    }
}

/// By weights where the style has some and names no mode, as it was before there was another.
fn retrieval(fields: &mut Fields<'_>) -> Retrieval {
    const MODE: &str = "retrieval.mode";
    let weighted = fields.get("retrieval.ranking").is_some();
    match fields.text(MODE).map(|mode| mode.to_lowercase()).as_deref() {
        Some("bm25") => Retrieval::Bm25(bm25(fields)),
        Some("weights") => Retrieval::Weights(ranking(fields)),
        None if weighted => Retrieval::Weights(ranking(fields)),
        None => Retrieval::Bm25(bm25(fields)),
        Some(_) => {
            fields.problem(MODE, "`bm25` or `weights`");
            Retrieval::Bm25(bm25(fields))
        }
    }
}

fn bm25(fields: &mut Fields<'_>) -> Bm25 {
    let default = Bm25::default();
    Bm25 {
        limits: Limits {
            top_k: fields.count("retrieval.top_k").unwrap_or(default.limits.top_k),
            token_budget: fields.count("retrieval.token_budget").unwrap_or(default.limits.token_budget),
            min_score: fields.number("retrieval.min_score").unwrap_or(default.limits.min_score),
        },
        scan_depth: fields.count("retrieval.scan_depth").unwrap_or(default.scan_depth),
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
