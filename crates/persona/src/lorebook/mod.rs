//! Lorebooks: what a character's world is told of when it is spoken of.
//!
//! ```
//! use raconteur_persona::lorebook::{Lorebook, Outcome, Position, Scan};
//! use raconteur_persona::macros::Names;
//! use raconteur_persona::{Speaker, Turn, estimate_tokens};
//! use serde_json::json;
//!
//! let (book, ignored) = Lorebook::parse(&json!({
//!     "entries": [
//!         {"id": 1, "keys": ["ferry"], "content": "{{char}}'s ferry leaks.", "position": "before_char"},
//!         {"id": 2, "keys": ["AI"], "content": "There are no machines."},
//!     ]
//! }));
//! assert!(ignored.is_empty());
//!
//! let turns = [Turn { speaker: Speaker::User, text: "It ain't far by ferry, is it?".to_owned() }];
//! let activation = book.activate(&Scan {
//!     turns: &turns,
//!     seed: "message 7",
//!     conversation_seed: "conversation 1",
//!     names: Names { char: "Wren", user: "Tom", original: None },
//!     greeting: None,
//!     budget: 500,
//!     count: &estimate_tokens,
//! });
//! assert_eq!(activation.active[0].content, "Wren's ferry leaks.");
//! assert_eq!(activation.active[0].position, Position::Before);
//! assert_eq!(activation.considered[0].matched, ["ferry"]);
//! assert_eq!(activation.considered[0].outcome, Outcome::Active);
//! assert_eq!(activation.considered.len(), 1);
//! ```
//!
//! # What matches
//!
//! A key is text, found in any case (`case_sensitive` apart) and as whole words (`match_whole_words: false` apart): `AI` is
//! not in `ain't`, but `#hello` and `C++` are found, and `Bronn` in `Bronn's`. Blanks in it stand for any white space. A key
//! with Chinese, Japanese, Korean, Thai, Lao, Khmer or Burmese characters is found wherever it stands. Macros in a key
//! are expanded (`{{char}}`).
//!
//! A key written `/…/flags` is a regex in JavaScript's dialect, and so is every key with `use_regex`; there `case_sensitive`
//! decides about case, here the flag `i`. SillyTavern writes `use_regex: true` everywhere it exports, so entries with its
//! `selectiveLogic` have regexes only between slashes. A regex reads one message at a time, with line ends as `\n`, and its
//! work is [bounded](crate::limits::MAX_REGEX_WORK).
//!
//! Looked at are the newest 4 messages with text in them ([`DEFAULT_SCAN_DEPTH`]), unless the book's `scan_depth` or the
//! entry's says otherwise, and with `recursive_scanning` the contents of what was activated. Keys may be in different ones.
//!
//! # What decides besides
//!
//! - `enabled: false` is never activated; an entry without content neither.
//! - The decorators of version 3, at the head of the content: `@@activate`, `@@dont_activate`, `@@activate_only_after`,
//!   `@@activate_only_every`, `@@keep_activate_after_match`, `@@dont_activate_after_match`, `@@is_greeting`,
//!   `@@additional_keys`, `@@exclude_keys`, `@@scan_depth`, `@@depth`, `@@reverse_depth`, `@@role`, `@@position`,
//!   `@@ignore_on_max_context`. Others are ignored and noted; then the fallback below them (`@@@`) is looked at.
//! - SillyTavern's `selectiveLogic`, `probability`, `group` with `group_weight` and `group_override`, `exclude_recursion`,
//!   `prevent_recursion`, `delay_until_recursion`, `sticky`, `cooldown` and `delay`.
//!
//! The specification would have `constant`, `secondary_keys` and `@@exclude_keys` ignored beside `use_regex`, and
//! `@@additional_keys` mean something else. They mean the same here with regexes and without.
//!
//! # What was before
//!
//! No state is kept. `@@keep_activate_after_match`, `@@dont_activate_after_match`, `sticky` and `cooldown` are judged from
//! the history that is given, of the newest [200 messages](crate::limits::MAX_REMEMBERED_TURNS): at each earlier message
//! of the person there was a prompt, and an entry matched for it if its keys were within its scan depth then. Once is enough.
//! What chance, groups, the budget and recursion did then is not known and does not count. An entry sticks for the next
//! `sticky` messages, then cools for the next `cooldown`.
//!
//! # What there is room for
//!
//! Entries are placed by `insertion_order`, then in the order of the book. Where they take more tokens than the caller
//! or the book allows, what has `@@ignore_on_max_context` goes first, then what has the lowest `priority` (0 unless told),
//! of those the lowest `insertion_order`; constant ones go last. An entry that would not fit alone is left out
//! before. Whatever is left out is listed with its [`Outcome`].

mod activate;
mod budget;
mod decorators;
mod dialect;
mod entry;
mod memory;
mod parse;
mod patterns;
mod read;
mod sightings;
mod text;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::macros::Names;
use crate::prompt::{Role, Turn};

use activate::Activating;
use entry::Entry;
use patterns::Patterns;

/// How many of the newest messages are looked at, unless a book or an entry says otherwise.
pub const DEFAULT_SCAN_DEPTH: usize = 4;

/// How many messages are after an entry that goes among them, unless it says otherwise.
pub const DEFAULT_DEPTH: usize = 4;

/// A lorebook, ready to be used.
#[derive(Clone, Debug, Default)]
pub struct Lorebook {
    name: String,
    budget: Option<usize>,
    recursive: bool,
    entries: Vec<Entry>,
    patterns: Patterns,
}

impl Lorebook {
    /// Reads a lorebook, and says in sentences what was ignored.
    ///
    /// It may be a card's `character_book`, a `lorebook_v3` with the book under `data`, or SillyTavern's own world file.
    /// Whatever it is, there is a book: what cannot be understood is left out.
    #[must_use]
    pub fn parse(value: &Value) -> (Self, Vec<String>) {
        parse::book(value)
    }

    /// Its name, which may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What of the book goes into a prompt, and why. The same scan gives the same, always.
    #[must_use]
    pub fn activate(&self, scan: &Scan<'_>) -> Activation {
        let mut activating = Activating::new(self, scan);
        activating.run();
        budget::place(self, scan, activating)
    }
}

/// What a lorebook is looked through for.
#[derive(Clone, Copy)]
pub struct Scan<'a> {
    /// What was said, oldest first, with what is answered now. Blank turns do not count.
    pub turns: &'a [Turn],
    /// What draws for this message depend on: the same again for a retry.
    pub seed: &'a str,
    /// What draws for the whole conversation depend on.
    pub conversation_seed: &'a str,
    /// What `{{char}}` and `{{user}}` stand for.
    pub names: Names<'a>,
    /// Which greeting the conversation began with, from 0. Where it is not known, `@@is_greeting` is ignored.
    pub greeting: Option<usize>,
    /// How many tokens all contents may take together. The book may allow less.
    pub budget: usize,
    /// How many tokens a text takes.
    pub count: &'a dyn Fn(&str) -> usize,
}

/// What of a lorebook goes into a prompt, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    /// What goes into the prompt, in the order in which it is placed.
    pub active: Vec<Active>,
    /// Every entry that something spoke for, in the order of the book. Those without a match are not listed.
    pub considered: Vec<Considered>,
    /// How many tokens the contents take.
    pub tokens: usize,
    /// How many they were allowed.
    pub budget: usize,
    /// What was cut short, in sentences.
    pub notes: Vec<String>,
}

/// An entry that goes into the prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Active {
    /// Its place in the book, from 0, among the entries that could be read.
    pub index: usize,
    /// Its id; its place in the file where it has none.
    pub id: String,
    /// Its name, else its comment, else nothing.
    pub name: String,
    /// What is told: without decorators, with macros expanded. Never blank.
    pub content: String,
    /// Where it goes.
    pub position: Position,
    /// Its insertion order. Lower ones come earlier.
    pub order: f64,
    /// How many tokens the content takes.
    pub tokens: usize,
}

/// Where an entry goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Position {
    /// Before the character's description.
    Before,
    /// After the character's description.
    After,
    /// With the character's personality.
    Personality,
    /// With the scenario.
    Scenario,
    /// Before the author's note.
    AuthorNoteTop,
    /// After the author's note.
    AuthorNoteBottom,
    /// Among the messages.
    Depth {
        /// How many messages come after it.
        depth: usize,
        /// Whose message it is.
        role: Role,
    },
    /// Before the example dialogues.
    ExamplesTop,
    /// After the example dialogues.
    ExamplesBottom,
}

/// An entry that something spoke for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    /// Its place in the book, from 0, among the entries that could be read.
    pub index: usize,
    /// Its id; its place in the file where it has none.
    pub id: String,
    /// Its name, else its comment, else nothing.
    pub name: String,
    /// Its keys that matched, as they are written.
    pub matched: Vec<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It is in the prompt.
    Active,
    /// It is in the prompt, as always.
    Constant,
    /// There was no room for it.
    OverBudget,
    /// It has nothing to tell.
    Empty,
    /// It is not enabled.
    Disabled,
    /// Its secondary keys did not allow it.
    SecondaryKeys,
    /// None of its `@@additional_keys` matched.
    AdditionalKeys,
    /// One of its `@@exclude_keys` matched.
    Excluded,
    /// It was not drawn.
    Probability,
    /// Another entry of its group was drawn.
    GroupLost,
    /// It has `@@dont_activate`.
    DontActivate,
    /// It has matched before, and has `@@dont_activate_after_match`.
    MatchedBefore,
    /// It belongs to another greeting.
    OtherGreeting,
    /// The conversation is too short for it (`@@activate_only_after`, `delay`).
    TooEarly,
    /// It is not its turn (`@@activate_only_every`).
    NotThisTime,
    /// It was active not long ago.
    Cooldown,
    /// Only contents may activate it, and none did in the round that it waits for.
    DelayedUntilRecursion,
    /// Its keys are in the content of another entry, which may not activate it.
    ExcludedFromRecursion,
    /// Whether one of its regexes matches could not be told within bounds.
    Unchecked,
}

impl Outcome {
    /// Whether it is in the prompt.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active | Self::Constant)
    }
}
