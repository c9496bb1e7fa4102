//! What a persona's author should look at again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use crate::explanation::{Mode, Outcome};
use crate::knowledge::Entry;
use crate::limits::{MAX_KB_ENTRIES, MAX_WARNINGS};
use crate::loading::{KNOWLEDGE, Loaded, PERSONA, STYLE};
use crate::persona::Persona;
use crate::prompt::PromptRequest;
use crate::sections::{PERSONA_NAMES, told};
use crate::template;
use crate::tokens::estimate_tokens;
use crate::warning::{Warning, Warnings};
use crate::yaml;

/// In how many of its own questions an entry may come out on top of others before it is said to always win, at least.
const ALWAYS: usize = 5;

/// How many tokens the system prompt of a persona should not exceed: with the guard rails a quarter of a short context.
const LONG_SYSTEM: usize = 1_500;

impl Persona {
    /// Everything in a folder that does not work as its author may think: what [`from_dir`](Persona::from_dir) warns of,
    /// aliases that two entries have, entries that cannot be found by their own words or that come out on top whatever is
    /// asked, templates with names that there are not, and texts that fit no budget.
    ///
    /// A persona with findings works; those who keep one in a repository may want its build to fail with them.
    ///
    /// ```no_run
    /// # use raconteur_persona::Persona;
    /// for finding in Persona::lint("assets/personas/wren".as_ref()) {
    ///     println!("cargo::warning={finding}");
    /// }
    /// ```
    #[must_use]
    pub fn lint(dir: &Path) -> Vec<Warning> {
        let Loaded { persona, mut warnings } = Self::from_dir(dir);
        let file = |name: &str| dir.join(name).display().to_string();
        let mut findings = persona.shared_aliases();
        let oversized = persona.oversized_entries();
        let unreachable = persona.unreachable_entries();
        // An entry that is never used for its length is not hard to find.
        findings.extend(
            unreachable.into_iter().filter(|(line, _)| !oversized.iter().any(|(other, _)| line == other)),
        );
        findings.extend(oversized);
        findings.extend(persona.entries_that_always_win());
        findings.extend(unknown_entry_fields(&std::fs::read(dir.join(KNOWLEDGE)).unwrap_or_default()));
        findings.sort();
        findings.truncate(MAX_WARNINGS);
        let about_entries = findings.into_iter().map(|(line, message)| Warning {
            file: file(KNOWLEDGE),
            line: Some(line),
            column: None,
            message,
        });
        warnings.extend(about_entries);
        for (name, known, below) in KNOWN_FIELDS {
            let text = std::fs::read(dir.join(name)).unwrap_or_default();
            warnings.extend(unknown_fields(&text, &file(name), known, below));
        }
        if let Some(avatar) = persona.avatar().filter(|avatar| !dir.join(avatar).is_file()) {
            let message = format!("`avatar`: there is no file {avatar}");
            warnings.push(Warning { file: file(PERSONA), line: None, column: None, message });
        }
        let style = std::fs::read_to_string(dir.join(STYLE)).unwrap_or_default();
        let about_style = persona.unknown_names(&style).into_iter().chain(persona.long_system());
        warnings.extend(about_style.map(|(place, message)| Warning {
            file: file(STYLE),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            message,
        }));
        warnings
    }

    fn shared_aliases(&self) -> Vec<Finding> {
        let mut first: BTreeMap<String, &str> = BTreeMap::new();
        let mut findings = Vec::new();
        for (entry, line) in self.knowledge.with_lines() {
            let aliases: BTreeSet<String> = entry.aliases.iter().map(|alias| alias.to_lowercase()).collect();
            for alias in aliases {
                match first.get(&alias) {
                    Some(other) => findings.push((line, format!("`{alias}` is an alias of `{other}` too"))),
                    None => {
                        first.insert(alias, &entry.id);
                    }
                }
            }
        }
        findings
    }

    /// Entries that none of their own aliases, tags and the summary brings into a prompt.
    fn unreachable_entries(&self) -> Vec<Finding> {
        let reachable = |entry: &Entry| {
            own_questions(entry).chain([entry.summary.as_str()]).any(|question| {
                let found = self.search(question, &[], 10);
                found.iter().any(|found| found.id == entry.id && found.outcome == Outcome::Used)
            })
        };
        let unreachable = self.knowledge.with_lines().filter(|(entry, _)| !reachable(entry));
        let finding = |(entry, line): (&Entry, usize)| {
            let message = format!(
                "`{}` is not found by any of its aliases and tags, nor by its summary: others are found first, or it has \
                 no word of its own",
                entry.id
            );
            (line, message)
        };
        unreachable.map(finding).collect()
    }

    /// Entries that come out on top of what others are asked for by, more often than not.
    fn entries_that_always_win(&self) -> Vec<Finding> {
        let mut won: BTreeMap<String, usize> = BTreeMap::new();
        let mut asked = 0;
        for entry in self.knowledge.entries() {
            let Some(question) = own_questions(entry).next() else { continue };
            asked += 1;
            let best = self.search(question, &[], 1).pop();
            if let Some(best) = best.filter(|best| best.id != entry.id) {
                *won.entry(best.id).or_default() += 1;
            }
        }
        let always = |id: &str| won.get(id).is_some_and(|count| *count >= ALWAYS.max(asked / 4));
        let winners = self.knowledge.with_lines().filter(|(entry, _)| always(&entry.id));
        let finding = |(entry, line): (&Entry, usize)| {
            let (id, count) = (&entry.id, won.get(&entry.id).copied().unwrap_or_default());
            let message = format!(
                "`{id}` comes out on top of {count} other entries asked for by their own words: its tags or aliases hold \
                 words that everybody says"
            );
            (line, message)
        };
        winners.map(finding).collect()
    }

    /// Entries that alone are more than the style lets all of them take.
    fn oversized_entries(&self) -> Vec<Finding> {
        let budget = self.style.retrieval.limits().token_budget;
        let costs = |entry: &Entry| {
            [Mode::InCharacter, Mode::OutOfCharacter].map(|mode| estimate_tokens(&told(mode, entry)))
        };
        let oversized = self.knowledge.with_lines().filter_map(|(entry, line)| {
            let cost = costs(entry).into_iter().max().filter(|cost| *cost > budget)?;
            let id = &entry.id;
            Some((
                line,
                format!(
                    "`{id}` takes {cost} tokens, and `retrieval.token_budget` is {budget}: it is never used"
                ),
            ))
        });
        oversized.collect()
    }

    /// Places in the style's templates that nothing is put into.
    fn unknown_names(&self, style: &str) -> Vec<(Option<(usize, usize)>, String)> {
        let templates = [self.style.ic_template.as_deref(), self.style.ooc_template.as_deref()];
        let names: BTreeSet<&str> = templates.into_iter().flatten().flat_map(template::names).collect();
        let unknown =
            names.into_iter().filter(|name| self.value(name).is_none() && !PERSONA_NAMES.contains(name));
        let finding = |name: &str| {
            (
                place_of(style, name),
                format!("`{{{{ {name} }}}}`: neither the style nor the persona has it; it is left empty"),
            )
        };
        unknown.map(finding).collect()
    }

    fn long_system(&self) -> Option<(Option<(usize, usize)>, String)> {
        let request = PromptRequest::default();
        let tokens = estimate_tokens(&self.system_section(Mode::InCharacter, &request));
        (tokens > LONG_SYSTEM).then(|| {
            let message = format!(
                "the system prompt takes {tokens} tokens: with a short context little is left for the conversation"
            );
            (None, message)
        })
    }
}

/// The fields that a file may have at its top, or below one of them.
type Known = (&'static str, &'static [&'static str], Option<&'static str>);

const KNOWN_FIELDS: [Known; 2] = [
    (
        PERSONA,
        &[
            "name",
            "slug",
            "full_name",
            "aliases",
            "description",
            "greeting",
            "examples",
            "trouble",
            "avatar",
            "notice",
            "tags",
            "model",
            "temperature",
            "max_tokens",
        ],
        None,
    ),
    (
        STYLE,
        &["mode", "top_k", "token_budget", "min_score", "scan_depth", "ranking", "tie_breakers"],
        Some("retrieval"),
    ),
];

/// Fields that nobody reads, most likely for a slip of the pen. In a style any field may be named by a template, but for
/// those that say how entries are found.
fn unknown_fields(bytes: &[u8], file: &str, known: &[&str], below: Option<&str>) -> Vec<Warning> {
    let mut unread = Warnings::new(file);
    // What cannot be read has been told before.
    let Some(map) = yaml::parse(bytes, &mut Warnings::new(file)) else { return Vec::new() };
    let fields = match below {
        Some(name) => map.get(name).and_then(Value::as_object),
        None => Some(&map),
    };
    let text = String::from_utf8_lossy(bytes);
    for field in fields.into_iter().flat_map(Map::keys).filter(|field| !known.contains(&field.as_str())) {
        let field = below.map_or_else(|| field.clone(), |above| format!("{above}.{field}"));
        let message = format!("`{field}` is no field that is read; those are {}", known.join(", "));
        unread.push(yaml::line_of(&text, &field), None, message);
    }
    unread.into_vec()
}

const ENTRY_FIELDS: [&str; 12] = [
    "id",
    "summary",
    "canon",
    "era",
    "ic_reply",
    "ooc_notes",
    "tags",
    "aliases",
    "entities",
    "weight",
    "source",
    "certainty",
];

fn unknown_entry_fields(kb: &[u8]) -> Vec<Finding> {
    let lines = kb.split(|byte| *byte == b'\n').zip(1..).take(MAX_KB_ENTRIES);
    let unknown = lines.flat_map(|(line, number)| {
        // What is no object has been told before.
        let map: Map<String, Value> = serde_json::from_slice(line).unwrap_or_default();
        let fields: Vec<String> = map
            .into_iter()
            .map(|(field, _)| field)
            .filter(|field| !ENTRY_FIELDS.contains(&field.as_str()))
            .collect();
        fields.into_iter().map(move |field| {
            (number, format!("`{field}` is no field that is read; those are {}", ENTRY_FIELDS.join(", ")))
        })
    });
    unknown.take(MAX_WARNINGS).collect()
}

/// A line of the knowledge base, and what is to be looked at there.
type Finding = (usize, String);

/// What a person would type who wants this entry.
fn own_questions(entry: &Entry) -> impl Iterator<Item = &str> {
    entry.aliases.iter().chain(&entry.tags).map(String::as_str)
}

/// Line and column, from 1, of a template's place.
fn place_of(style: &str, name: &str) -> Option<(usize, usize)> {
    style.lines().zip(1..).find_map(|(text, line)| {
        let at = text.match_indices("{{").find(|(at, _)| {
            let inside = text.get(at + 2..).unwrap_or_default().trim_start();
            inside.strip_prefix(name).is_some_and(|after| after.trim_start().starts_with("}}"))
        })?;
        let column = text.get(..at.0).map_or(0, |before| before.chars().count()) + 1;
        Some((line, column))
    })
}
