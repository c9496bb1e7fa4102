//! The macros of character cards: `{{char}}`, `{{random:a,b}}` and their like.
//!
//! | macro | what it becomes |
//! | --- | --- |
//! | `{{char}}`, `<BOT>`, `<CHAR>` | the character's name |
//! | `{{user}}`, `<USER>` | the person's name |
//! | `{{original}}` | the text that this one replaces, where there is one |
//! | `{{random:a,b}}`, `{{random::a::b}}` | one of them, drawn for this message: the same again on a retry |
//! | `{{pick:a,b}}`, `{{pick::a::b}}` | one of them, drawn for this conversation |
//! | `{{roll:20}}`, `{{roll:d20}}`, `{{roll:2d6+1}}` | the sum of dice, drawn for this message |
//! | `{{reverse:abc}}` | `cba`, by what a reader takes for characters |
//! | `{{// …}}`, `{{comment: …}}` | nothing |
//! | `{{hidden_key:…}}` | nothing, but a lorebook finds keys in it ([`expand_for_scan`]) |
//!
//! Names are understood in any case. A comma in a choice is written `\,`. Macros may stand within the choices of another
//! macro; the names that are put in are not expanded again. What is not a macro stays as it stands.
//!
//! There is no randomness: a draw depends on the seed, on the text and on the macro's place in it.
//!
//! ```
//! use raconteur_persona::macros::{Names, Seeds, expand};
//!
//! let names = Names { char: "Wren", user: "Tom", original: None };
//! let seeds = Seeds { seed: "message 7", conversation_seed: "conversation 1" };
//! assert_eq!(expand("{{char}} waits for <USER>.{{// at last}}", &names, &seeds), "Wren waits for Tom.");
//!
//! let weather = expand("{{random:rain,fog}}", &names, &seeds);
//! assert!(["rain", "fog"].contains(&weather.as_str()));
//! assert_eq!(expand("{{random:rain,fog}}", &names, &seeds), weather);
//! ```

use unicode_segmentation::UnicodeSegmentation;

use crate::hash::Fnv;
use crate::limits::{MAX_DICE, MAX_EXPANDED_BYTES, MAX_MACRO_DEPTH, MAX_SIDES};

/// What the names in a text stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names<'a> {
    /// The character.
    pub char: &'a str,
    /// The person who speaks with it.
    pub user: &'a str,
    /// What a card's system prompt replaces. Where it is not known, `{{original}}` stays as it stands.
    pub original: Option<&'a str>,
}

/// What draws depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeds<'a> {
    /// The message that is answered: the same again for a retry.
    pub seed: &'a str,
    /// The conversation.
    pub conversation_seed: &'a str,
}

/// The text as it goes into a prompt, [`MAX_EXPANDED_BYTES`] at most.
#[must_use]
pub fn expand(text: &str, names: &Names<'_>, seeds: &Seeds<'_>) -> String {
    Expansion::new(text, names, seeds, false).run()
}

/// The text as a lorebook looks for keys in it: what `{{hidden_key:…}}` says is there, on a line of its own.
#[must_use]
pub fn expand_for_scan(text: &str, names: &Names<'_>, seeds: &Seeds<'_>) -> String {
    Expansion::new(text, names, seeds, true).run()
}

/// A number that depends on all the parts and on nothing else.
pub(crate) fn draw(parts: &[&str]) -> u64 {
    let mut hash = Fnv::new();
    for part in parts {
        hash.write(part.as_bytes());
        // No text has this byte: parts cannot run into each other.
        hash.write(&[0xff]);
    }
    // FNV hardly moves its high bits for texts that differ at the end; this (from SplitMix64) spreads the difference.
    let mut mixed = hash.finish();
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Whether a text has anything to expand.
pub(crate) fn has_macros(text: &str) -> bool {
    text.contains("{{") || text.char_indices().any(|(at, c)| c == '<' && tag(&text[at..]).is_some())
}

/// The beginning of a text, of so many bytes at most.
pub(crate) fn head(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// A text that is being expanded.
struct Expansion<'a> {
    text: &'a str,
    names: &'a Names<'a>,
    seeds: &'a Seeds<'a>,
    for_scan: bool,
    /// Where braces open and where they close, in order.
    braces: Vec<(usize, usize)>,
    /// What draws in this text depend on, besides the seed and the place.
    fingerprint: String,
    out: String,
}

impl<'a> Expansion<'a> {
    fn new(text: &'a str, names: &'a Names<'a>, seeds: &'a Seeds<'a>, for_scan: bool) -> Self {
        let mut hash = Fnv::new();
        hash.write(text.as_bytes());
        let (fingerprint, braces) = (hash.hex(), braces(text));
        let out = String::with_capacity(text.len().min(MAX_EXPANDED_BYTES));
        Self { text, names, seeds, for_scan, braces, fingerprint, out }
    }

    fn run(mut self) -> String {
        self.part(0, self.text.len(), 0);
        self.out
    }

    /// Expands the text from `start` to `end`.
    fn part(&mut self, start: usize, end: usize, depth: usize) {
        let text = self.text;
        // What lies between `rest` and `at` is text that was not yet put in.
        let (mut rest, mut at) = (start, start);
        while let Some(offset) = text.get(at..end).and_then(|ahead| ahead.find(['{', '<'])) {
            at += offset;
            if let Some((tag, length)) = text.get(at..end).and_then(tag) {
                self.push(&text[rest..at]);
                self.name(tag);
                at += length;
                rest = at;
            } else if let Some(close) = self.close_of(at).filter(|close| close + 2 <= end) {
                self.push(&text[rest..at]);
                rest = at;
                at += 2;
                if self.braced(&Inside { open: rest, start: at, end: close }, depth) {
                    at = close + 2;
                    rest = at;
                }
                // Else the braces are text, and what is between them is looked at for itself.
            } else {
                at += 1;
            }
        }
        if let Some(text) = text.get(rest..end) {
            self.push(text);
        }
    }

    /// Where the braces close that open here.
    fn close_of(&self, open: usize) -> Option<usize> {
        let index = self.braces.binary_search_by_key(&open, |(open, _)| *open).ok()?;
        self.braces.get(index).map(|(_, close)| *close)
    }

    /// Expands a macro in braces; `false` where it is not one.
    ///
    /// What is looked at to tell so is short: else braces in braces would take time beyond all measure.
    fn braced(&mut self, inside: &Inside, depth: usize) -> bool {
        let text = self.text[inside.start..inside.end].trim_start();
        if text.starts_with("//") {
            return true;
        }
        let name_end = text.find(|c: char| !c.is_ascii_alphabetic() && c != '_').unwrap_or(text.len());
        let (name, after) = text.split_at(name_end);
        if after.trim_start().is_empty() {
            return self.known_name(name);
        }
        let Some(argument) = Argument::new(after, inside.end) else {
            return false;
        };
        let Seeds { seed, conversation_seed } = *self.seeds;
        match name.to_ascii_lowercase().as_str() {
            "roll" => self.roll(&self.text[argument.start..argument.end], inside.open),
            _ if !argument.colon => false,
            "comment" => true,
            "hidden_key" if !self.for_scan => true,
            _ if depth >= MAX_MACRO_DEPTH => false,
            "hidden_key" => self.hidden_key(&argument, depth),
            "random" => self.choice(&argument, &["random", seed], inside.open, depth),
            "pick" => self.choice(&argument, &["pick", conversation_seed], inside.open, depth),
            "reverse" => self.reverse(&argument, depth),
            _ => false,
        }
    }

    fn known_name(&mut self, name: &str) -> bool {
        if name.eq_ignore_ascii_case("char") {
            self.name(Name::Char);
        } else if name.eq_ignore_ascii_case("user") {
            self.name(Name::User);
        } else if let (true, Some(original)) = (name.eq_ignore_ascii_case("original"), self.names.original) {
            self.push(original);
        } else {
            return false;
        }
        true
    }

    fn name(&mut self, name: Name) {
        self.push(match name {
            Name::Char => self.names.char,
            Name::User => self.names.user,
        });
    }

    fn hidden_key(&mut self, argument: &Argument, depth: usize) -> bool {
        self.push("\n");
        self.part(argument.start, argument.end, depth + 1);
        self.push("\n");
        true
    }

    /// One of the choices. Only the one that is drawn is expanded.
    fn choice(&mut self, argument: &Argument, seeds: &[&str; 2], place: usize, depth: usize) -> bool {
        let [kind, seed] = seeds;
        let number = draw(&[kind, seed, &self.fingerprint, &place.to_string()]);
        let Some((start, end)) = one_of(&self.choices(argument), number) else {
            return false;
        };
        let choice = &self.text[start..end];
        let start = end - choice.trim_start().len();
        let end = start + choice.trim().len();
        // An escaped comma belongs to the choice; the backslash does not.
        let escaped = Argument { start, end, ..*argument };
        for (start, end) in self.split(&escaped, "\\") {
            self.part(start, end, depth + 1);
        }
        true
    }

    /// Where the choices are: between `::` where the argument is written so, else between commas.
    fn choices(&self, argument: &Argument) -> Vec<(usize, usize)> {
        if argument.double {
            let choices = self.split(argument, "::");
            if choices.len() > 1 {
                return choices;
            }
        }
        self.split(argument, ",")
    }

    /// The parts between separators. One within braces separates nothing, nor does a comma behind a backslash.
    fn split(&self, argument: &Argument, separator: &str) -> Vec<(usize, usize)> {
        let bytes = &self.text.as_bytes()[..argument.end];
        let (mut parts, mut start, mut at) = (Vec::new(), argument.start, argument.start);
        while let Some(byte) = bytes.get(at) {
            let escape = bytes[at..].starts_with(b"\\,");
            let braces = if *byte == b'{' { self.close_of(at) } else { None };
            if let Some(close) = braces {
                at = close + 2;
            } else if bytes[at..].starts_with(separator.as_bytes()) && escape == (separator == "\\") {
                parts.push((start, at));
                at += separator.len();
                start = at;
            } else {
                at += if escape { 2 } else { 1 };
            }
        }
        parts.push((start, argument.end));
        parts
    }

    fn roll(&mut self, dice: &str, place: usize) -> bool {
        let Some(dice) = Dice::parse(dice) else {
            return false;
        };
        let place = place.to_string();
        let thrown = (0..dice.count).map(|die| {
            draw(&["roll", self.seeds.seed, &self.fingerprint, &place, &die.to_string()]) % dice.sides + 1
        });
        let sum = i128::from(thrown.sum::<u64>()) + i128::from(dice.plus);
        self.push(&sum.to_string());
        true
    }

    fn reverse(&mut self, argument: &Argument, depth: usize) -> bool {
        let before = self.out.len();
        self.part(argument.start, argument.end, depth + 1);
        let reversed: String = self.out[before..].trim().graphemes(true).rev().collect();
        self.out.truncate(before);
        self.push(&reversed);
        true
    }

    /// Adds a text, as much of it as there is room for.
    fn push(&mut self, text: &str) {
        let room = MAX_EXPANDED_BYTES.saturating_sub(self.out.len());
        self.out.push_str(head(text, room));
    }
}

/// A name that is put in.
#[derive(Clone, Copy)]
enum Name {
    Char,
    User,
}

/// What stands between braces.
struct Inside {
    /// Where the braces open.
    open: usize,
    start: usize,
    end: usize,
}

/// What a macro is given, after its name.
struct Argument {
    start: usize,
    end: usize,
    /// Whether a colon stands before it.
    colon: bool,
    /// Whether two do.
    double: bool,
}

impl Argument {
    /// `after`: what follows the name, up to `end`.
    fn new(after: &str, end: usize) -> Option<Self> {
        let (colon, double) = (after.starts_with(':'), after.starts_with("::"));
        let separator = if double { 2 } else { 1 };
        let start = end - after.len() + separator;
        (colon || after.starts_with(' ')).then_some(Self { start, end, colon, double })
    }
}

/// `2d6+1`
struct Dice {
    count: u64,
    sides: u64,
    plus: i64,
}

impl Dice {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (dice, plus) = match text.find(['+', '-']) {
            Some(at) => (text[..at].trim(), text[at..].replace(' ', "").parse().ok()?),
            None => (text.as_str(), 0_i64),
        };
        let (count, sides) = match dice.split_once('d') {
            Some(("", sides)) => (1, sides.parse().ok()?),
            Some((count, sides)) => (count.parse().ok()?, sides.parse().ok()?),
            None => (1, dice.parse().ok()?),
        };
        let bounded = (1..=MAX_DICE).contains(&count)
            && (1..=MAX_SIDES).contains(&sides)
            && plus.unsigned_abs() <= MAX_SIDES;
        bounded.then_some(Self { count, sides, plus })
    }
}

fn one_of<T: Copy>(choices: &[T], number: u64) -> Option<T> {
    let index = number.checked_rem(u64::try_from(choices.len()).ok()?)?;
    choices.get(usize::try_from(index).ok()?).copied()
}

/// `<BOT>` and its like at the start of a text, and how long it is.
fn tag(text: &str) -> Option<(Name, usize)> {
    [("<bot>", Name::Char), ("<char>", Name::Char), ("<user>", Name::User)].into_iter().find_map(
        |(tag, name)| {
            let start = text.as_bytes().get(..tag.len())?;
            start.eq_ignore_ascii_case(tag.as_bytes()).then_some((name, tag.len()))
        },
    )
}

/// The pairs of `{{` and `}}`, by where they open. Of more than two braces in a row the inner two are meant.
fn braces(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut open, mut pairs) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at + 1 < bytes.len() {
        let two = &bytes[at..at + 2];
        if two == b"{{" && bytes.get(at + 2) != Some(&b'{') {
            open.push(at);
            at += 2;
        } else if two == b"}}" {
            if let Some(open) = open.pop() {
                pairs.push((open, at));
            }
            at += 2;
        } else {
            at += 1;
        }
    }
    pairs.sort_unstable();
    pairs
}
