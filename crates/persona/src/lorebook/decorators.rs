//! The decorators at the head of an entry's content: `@@depth 4`, and `@@@` for programs that do not know the one above.

use super::Position;
use crate::limits::MAX_SCAN_DEPTH;
use crate::prompt::Role;

/// What an entry's decorators say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Decorators {
    pub(crate) only_after: Option<usize>,
    pub(crate) only_every: Option<usize>,
    pub(crate) keep_after_match: bool,
    pub(crate) dont_after_match: bool,
    pub(crate) depth: Option<usize>,
    pub(crate) reverse_depth: Option<usize>,
    pub(crate) role: Option<Role>,
    pub(crate) scan_depth: Option<usize>,
    pub(crate) greeting: Option<usize>,
    pub(crate) position: Option<Position>,
    pub(crate) yields_on_max_context: bool,
    pub(crate) additional_keys: Vec<String>,
    pub(crate) exclude_keys: Vec<String>,
    pub(crate) activate: bool,
    pub(crate) dont_activate: bool,
}

/// Whether a decorator is followed.
enum Heed {
    Yes,
    /// Why not, as the end of a sentence that begins "… has the decorator `@@…`, which ".
    No(&'static str),
}

const ANOTHER_KIND: Heed = Heed::No("is for another kind of program; it is ignored");
const BAD_VALUE: Heed = Heed::No("has a value that is not understood; it is ignored");

/// Splits a content into what its decorators say and what is left to be prompted. `ignored` is told the ends of
/// sentences that begin with the entry's name.
pub(crate) fn split(content: &str, mut ignored: impl FnMut(&str)) -> (Decorators, &str) {
    let mut decorators = Decorators::default();
    let mut seen: Vec<&str> = Vec::new();
    // Whether a fallback is wanted: the decorator above it was not followed.
    let mut unheeded = false;
    let mut rest = content;
    while let Some((line, after)) = next_line(rest) {
        if line.is_empty() {
            rest = after;
            continue;
        }
        let Some(written) = Written::parse(line) else {
            break;
        };
        rest = after;
        let Written { name, value, fallback } = written;
        if fallback && !unheeded {
            continue;
        }
        if seen.contains(&name) {
            // The first of a name counts.
            unheeded = false;
            continue;
        }
        match decorators.heed(name, value) {
            Heed::Yes => {
                seen.push(name);
                unheeded = false;
            }
            Heed::No(reason) => {
                ignored(&format!("has the decorator `@@{name}`, which {reason}"));
                unheeded = true;
            }
        }
    }
    (decorators, rest.trim())
}

/// The first line, without blanks around it, and what follows it.
fn next_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    Some((line.trim(), after))
}

struct Written<'a> {
    name: &'a str,
    value: &'a str,
    fallback: bool,
}

impl<'a> Written<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let text = line.strip_prefix("@@")?;
        let (text, fallback) = text.strip_prefix('@').map_or((text, false), |text| (text, true));
        let (name, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then_some(Self { name, value: value.trim(), fallback })
    }
}

impl Decorators {
    fn heed(&mut self, name: &str, value: &str) -> Heed {
        match name {
            "activate_only_after" => number(&mut self.only_after, value),
            "activate_only_every" if value.parse() == Ok(0) => BAD_VALUE,
            "activate_only_every" => number(&mut self.only_every, value),
            "keep_activate_after_match" => flag(&mut self.keep_after_match, value),
            "dont_activate_after_match" => flag(&mut self.dont_after_match, value),
            "depth" => number(&mut self.depth, value),
            "reverse_depth" => number(&mut self.reverse_depth, value),
            "role" => set(&mut self.role, role(value)),
            "scan_depth" => number(&mut self.scan_depth, value),
            "is_greeting" => number(&mut self.greeting, value),
            "position" => set(&mut self.position, position(value)),
            "ignore_on_max_context" => flag(&mut self.yields_on_max_context, value),
            "additional_keys" => list(&mut self.additional_keys, value),
            "exclude_keys" => list(&mut self.exclude_keys, value),
            "activate" => flag(&mut self.activate, value),
            "dont_activate" => flag(&mut self.dont_activate, value),
            "instruct_depth" | "reverse_instruct_depth" | "instruct_scan_depth" => ANOTHER_KIND,
            "is_user_icon" | "disable_ui_prompt" => ANOTHER_KIND,
            _ => Heed::No("is not known; it is ignored"),
        }
    }
}

/// Depths below 0 are at the end, as 0 is.
fn number(field: &mut Option<usize>, value: &str) -> Heed {
    set(field, value.parse().ok().map(|number: i64| usize::try_from(number.max(0)).unwrap_or(MAX_SCAN_DEPTH)))
}

/// Has no value, but is written with one too.
fn flag(field: &mut bool, value: &str) -> Heed {
    *field = !value.eq_ignore_ascii_case("false");
    Heed::Yes
}

fn list(field: &mut Vec<String>, value: &str) -> Heed {
    *field = value.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect();
    if field.is_empty() { BAD_VALUE } else { Heed::Yes }
}

fn set<T>(field: &mut Option<T>, value: Option<T>) -> Heed {
    if value.is_none() {
        return BAD_VALUE;
    }
    *field = value;
    Heed::Yes
}

fn role(value: &str) -> Option<Role> {
    match value.to_ascii_lowercase().as_str() {
        "system" => Some(Role::System),
        "user" => Some(Role::User),
        "assistant" => Some(Role::Assistant),
        _ => None,
    }
}

fn position(value: &str) -> Option<Position> {
    match value.to_ascii_lowercase().as_str() {
        "before_desc" => Some(Position::Before),
        "after_desc" => Some(Position::After),
        "personality" => Some(Position::Personality),
        "scenario" => Some(Position::Scenario),
        _ => None,
    }
}
