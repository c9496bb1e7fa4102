//! All keys of a lorebook, looked for together: the literal ones in one pass over a text, however many there are.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use aho_corasick::AhoCorasick;

use super::dialect::{self, Flags, Translated};
use super::sightings::Sightings;
use super::text::{exact, fold, is_unspaced_text, is_whole, unix_lines};
use crate::limits::{
    BACKTRACKING_WORK, MAX_BACKTRACKS, MAX_LORE_HITS, MAX_LORE_KEY_BYTES, MAX_LORE_KEYS_BYTES,
    MAX_LORE_REGEX_ITEMS, MAX_LORE_REGEXES, MAX_LORE_TEMPLATES, MAX_REGEX_BYTES, MAX_REGEX_WORK,
};
use crate::macros::{Names, Seeds, expand, has_macros};

/// A key's number. Keys that are found in the same places have the same one.
pub(crate) type Id = usize;

/// How the keys of an entry are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Whether a key is a regex even where it is not written as one.
    pub(crate) regex: bool,
    pub(crate) case_sensitive: bool,
    pub(crate) whole_words: bool,
    /// How many of the newest messages matter.
    pub(crate) reach: usize,
}

/// What is looked for. Two keys with equal ones are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Sought {
    Text {
        text: String,
        case_sensitive: bool,
        whole_words: bool,
    },
    /// A text with macros in it: what it says is known only when it is looked for.
    Template {
        text: String,
        case_sensitive: bool,
        whole_words: bool,
    },
    Regex {
        pattern: String,
        flags: Flags,
    },
}

/// Keys that are being gathered.
#[derive(Default)]
pub(crate) struct Gathering {
    ids: HashMap<Sought, Id>,
    sought: Vec<Sought>,
    regexes: BTreeMap<Id, Regex>,
    templates: usize,
    bytes: usize,
    items: usize,
}

impl Gathering {
    /// The number of a key; the error is the end of a sentence that begins "The key “…”, which ".
    pub(crate) fn add(&mut self, key: &str, manner: Manner) -> Result<Id, String> {
        let sought = sought(key, manner)?;
        if let Some(id) = self.ids.get(&sought) {
            if let Some(regex) = self.regexes.get_mut(id) {
                regex.reach = regex.reach.max(manner.reach);
            }
            return Ok(*id);
        }
        if self.bytes + key.len() > MAX_LORE_KEYS_BYTES {
            return Err(format!("is left out: all keys together take more than {MAX_LORE_KEYS_BYTES} bytes"));
        }
        self.bytes += key.len();
        let id = self.sought.len();
        match &sought {
            Sought::Text { .. } => {}
            Sought::Template { .. } if self.templates >= MAX_LORE_TEMPLATES => {
                return Err(format!("is left out: there are {MAX_LORE_TEMPLATES} others with macros"));
            }
            Sought::Template { .. } => self.templates += 1,
            Sought::Regex { pattern, flags } => {
                let engine = self.compile(pattern, *flags)?;
                self.regexes.insert(id, Regex { id, reach: manner.reach, engine });
            }
        }
        self.sought.push(sought.clone());
        self.ids.insert(sought, id);
        Ok(id)
    }

    fn compile(&mut self, pattern: &str, flags: Flags) -> Result<Engine, String> {
        let nothing = |reason: &str| format!("is a regex that {reason}; it matches nothing");
        let translated = dialect::translate(pattern, flags).map_err(nothing)?;
        // Counted also where it comes to nothing: it is work all the same.
        self.items += translated.items;
        if self.items > MAX_LORE_REGEX_ITEMS || self.regexes.len() >= MAX_LORE_REGEXES {
            return Err(nothing("is one too many for this lorebook"));
        }
        Engine::new(&translated).ok_or_else(|| nothing("is not valid, or too large"))
    }

    /// The keys, ready to be looked for.
    pub(crate) fn finish(self) -> Result<Patterns, String> {
        let literals = |cased: bool| {
            Literals::new(self.sought.iter().enumerate().filter_map(|(id, sought)| match sought {
                Sought::Text { text, case_sensitive, whole_words } if *case_sensitive == cased => {
                    Some((text.as_str(), Literal { id, whole_words: *whole_words }))
                }
                _ => None,
            }))
        };
        let (folded, exact) = (literals(false)?, literals(true)?);
        let templates = self.sought.iter().enumerate().filter_map(|(id, sought)| match sought {
            Sought::Template { text, case_sensitive, whole_words } => Some(Template {
                id,
                text: text.clone(),
                case_sensitive: *case_sensitive,
                whole_words: *whole_words,
            }),
            _ => None,
        });
        Ok(Patterns {
            folded,
            exact,
            templates: templates.collect(),
            regexes: self.regexes.into_values().collect(),
        })
    }
}

fn sought(key: &str, manner: Manner) -> Result<Sought, String> {
    let Manner { regex, case_sensitive, whole_words, .. } = manner;
    let written = dialect::literal(key);
    if regex || written.is_some() {
        if key.len() > MAX_REGEX_BYTES {
            return Err(format!("is a regex of more than {MAX_REGEX_BYTES} bytes; it matches nothing"));
        }
        let bare = Flags { ignore_case: !case_sensitive, ..Flags::default() };
        let (pattern, flags) = written.unwrap_or((key, bare));
        return Ok(Sought::Regex { pattern: pattern.to_owned(), flags });
    }
    if key.len() > MAX_LORE_KEY_BYTES {
        return Err(format!("is longer than {MAX_LORE_KEY_BYTES} bytes; it is left out"));
    }
    if has_macros(key) {
        return Ok(Sought::Template { text: key.to_owned(), case_sensitive, whole_words });
    }
    let text = if case_sensitive { exact(key) } else { fold(key) };
    if text.is_empty() {
        return Err("is blank; it is left out".to_owned());
    }
    let whole_words = whole_words && !is_unspaced_text(&text);
    Ok(Sought::Text { text, case_sensitive, whole_words })
}

/// The keys of a lorebook.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    folded: Literals,
    exact: Literals,
    templates: Vec<Template>,
    regexes: Vec<Regex>,
}

impl Patterns {
    /// A search with these names in the keys.
    pub(crate) fn search(&self, names: &Names<'_>) -> Search<'_> {
        let seeds = Seeds::default();
        let templates = self.templates.iter().filter_map(|template| {
            let text = expand(&template.text, names, &seeds);
            let text = if template.case_sensitive { exact(&text) } else { fold(&text) };
            let whole_words = template.whole_words && !is_unspaced_text(&text);
            (!text.is_empty()).then_some((
                text,
                template.case_sensitive,
                Literal { id: template.id, whole_words },
            ))
        });
        Search { patterns: self, templates: templates.collect(), hits: 0, work: 0 }
    }
}

/// A search over several texts, of which the regexes have only so much work to do.
pub(crate) struct Search<'a> {
    patterns: &'a Patterns,
    templates: Vec<(String, bool, Literal)>,
    hits: usize,
    work: usize,
}

impl Search<'_> {
    /// Notes which keys are in a text.
    pub(crate) fn look(&mut self, text: &str, place: Place, sightings: &mut Sightings) {
        let folded = fold(text);
        let exact = exact(text);
        self.patterns.folded.look(&folded, &mut self.hits, |id| sightings.add(id, place));
        self.patterns.exact.look(&exact, &mut self.hits, |id| sightings.add(id, place));
        for (key, case_sensitive, literal) in &self.templates {
            let text = if *case_sensitive { &exact } else { &folded };
            let mut found = text.match_indices(key.as_str());
            if found.any(|(at, key)| literal.is_at(text, at, at + key.len())) {
                sightings.add(literal.id, place);
            }
        }
        self.look_with_regexes(&unix_lines(text), place, sightings);
    }

    /// Whether there were so many keys in the texts that some were not looked for.
    pub(crate) fn is_cut(&self) -> bool {
        self.hits >= MAX_LORE_HITS
    }

    fn look_with_regexes(&mut self, text: &str, place: Place, sightings: &mut Sightings) {
        for regex in &self.patterns.regexes {
            if matches!(place, Place::Turn { age, .. } if age >= regex.reach) {
                continue;
            }
            let work = regex.engine.work(text);
            if sightings.is_unchecked(regex.id) || self.work + work > MAX_REGEX_WORK {
                sightings.leave_unchecked(regex.id);
                continue;
            }
            self.work += work;
            match regex.engine.is_match(text) {
                Some(true) => sightings.add(regex.id, place),
                Some(false) => {}
                // It went back and forth too often; it would with the next text as well.
                None => {
                    self.work += 8 * BACKTRACKING_WORK;
                    sightings.leave_unchecked(regex.id);
                }
            }
        }
    }
}

/// Where a text is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A message, and how many are newer.
    Turn { index: usize, age: usize },
    /// The content of an entry.
    Content,
}

#[derive(Clone, Copy, Debug)]
struct Literal {
    id: Id,
    whole_words: bool,
}

impl Literal {
    fn is_at(self, text: &str, start: usize, end: usize) -> bool {
        !self.whole_words || is_whole(text, start, end)
    }
}

#[derive(Clone, Debug)]
struct Template {
    id: Id,
    text: String,
    case_sensitive: bool,
    whole_words: bool,
}

/// Texts that are looked for in one pass.
#[derive(Clone, Debug, Default)]
struct Literals {
    automaton: Option<AhoCorasick>,
    /// What the automaton's patterns stand for.
    literals: Vec<Literal>,
}

impl Literals {
    fn new<'a>(all: impl Iterator<Item = (&'a str, Literal)>) -> Result<Self, String> {
        let (texts, literals): (Vec<_>, Vec<_>) = all.unzip();
        if texts.is_empty() {
            return Ok(Self::default());
        }
        // The one kind whose size is that of the keys.
        let kind = Some(aho_corasick::AhoCorasickKind::ContiguousNFA);
        let automaton = AhoCorasick::builder().kind(kind).build(texts).map_err(|error| error.to_string())?;
        Ok(Self { automaton: Some(automaton), literals })
    }

    /// Calls `found` once for each literal in the text. `hits` counts how often they were there.
    fn look(&self, text: &str, hits: &mut usize, mut found: impl FnMut(Id)) {
        let mut seen = vec![false; self.literals.len()];
        for hit in self.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(text)) {
            if *hits >= MAX_LORE_HITS {
                break;
            }
            *hits += 1;
            let number = hit.pattern().as_usize();
            if let (Some(literal), Some(seen)) = (self.literals.get(number), seen.get_mut(number))
                && !*seen
                && literal.is_at(text, hit.start(), hit.end())
            {
                *seen = true;
                found(literal.id);
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Regex {
    id: Id,
    /// How many of the newest messages matter.
    reach: usize,
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linear(regex) => regex.as_str(),
            Self::Backtracking(regex) => regex.as_str(),
        })
    }
}

/// How large the automata of one regex may be, in bytes: room for what [`MAX_REGEX_ITEMS`](crate::limits) allows.
const REGEX_SIZE: usize = 4 * 1024 * 1024;

/// How much one regex may remember of what it has worked out, in bytes.
const REGEX_CACHE: usize = 128 * 1024;

impl Engine {
    fn new(translated: &Translated) -> Option<Self> {
        if translated.backtracks {
            let mut builder = fancy_regex::RegexBuilder::new(&translated.pattern);
            builder
                .backtrack_limit(MAX_BACKTRACKS)
                .delegate_size_limit(REGEX_SIZE)
                .delegate_dfa_size_limit(REGEX_CACHE);
            return builder.build().ok().map(|regex| Self::Backtracking(Box::new(regex)));
        }
        let mut builder = regex::RegexBuilder::new(&translated.pattern);
        builder.size_limit(REGEX_SIZE).dfa_size_limit(REGEX_CACHE);
        builder.build().ok().map(Self::Linear)
    }

    fn work(&self, text: &str) -> usize {
        text.len() + if matches!(self, Self::Backtracking(_)) { BACKTRACKING_WORK } else { 1 }
    }

    /// Nothing where it cannot be told within bounds.
    fn is_match(&self, text: &str) -> Option<bool> {
        match self {
            Self::Linear(regex) => Some(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).ok(),
        }
    }
}
