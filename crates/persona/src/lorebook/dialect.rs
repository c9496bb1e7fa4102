//! JavaScript's regexes, written for `regex` and `fancy-regex`.
//!
//! `regress` speaks JavaScript's dialect as it is, but a regex of a stranger's card can keep it busy for ever: it counts no
//! steps. `regex` takes time linear in the text, for `(a+)+$` too; what it does not have, lookaround and backreferences,
//! `fancy-regex` has, which gives up after so many steps. What the dialects write differently is a list that can be
//! written down; it is this file.
//!
//! Not taken over: a reference to a group that took no part is no match (in JavaScript, an empty one); octal escapes,
//! inline flags and the flag `v` are not understood; `\p{…}` is a property without the flag `u`, too.

use std::iter::Peekable;
use std::str::Chars;

use crate::limits::MAX_REGEX_ITEMS;

/// The deepest that groups may stand in each other.
const MAX_NESTING: usize = 32;

const BOUNDARY: &str = r"(?-u:\b)";
const NO_BOUNDARY: &str = r"(?-u:\B)";
const BOUNDARY_BY_LOOKING: &str = "(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))";
const NO_BOUNDARY_BY_LOOKING: &str =
    "(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))";

/// The flags of a regex that change what it matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Flags {
    pub(crate) ignore_case: bool,
    pub(crate) multi_line: bool,
    pub(crate) dot_all: bool,
}

/// A regex in the other dialect.
pub(crate) struct Translated {
    pub(crate) pattern: String,
    /// Whether it needs backtracking.
    pub(crate) backtracks: bool,
    /// How large it is, as [`MAX_REGEX_ITEMS`] counts.
    pub(crate) items: usize,
}

/// The pattern and flags of a key that is written `/pattern/flags`; nothing where it is not written so.
pub(crate) fn literal(key: &str) -> Option<(&str, Flags)> {
    let (pattern, flags) = key.trim().strip_prefix('/')?.rsplit_once('/')?;
    if pattern.is_empty() || has_bare_slash(pattern) {
        return None;
    }
    let mut understood = Flags::default();
    for flag in flags.chars() {
        match flag {
            'i' => understood.ignore_case = true,
            'm' => understood.multi_line = true,
            's' => understood.dot_all = true,
            // Every match or one, Unicode or not, from where, with indices: all the same when asked whether it matches.
            'g' | 'u' | 'y' | 'd' => {}
            _ => return None,
        }
    }
    Some((pattern, understood))
}

/// Paths such as `/usr/bin/` are text.
fn has_bare_slash(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return true,
            _ => {}
        }
    }
    false
}

/// Translates a pattern; the error ends a sentence that begins "The regex … ".
pub(crate) fn translate(pattern: &str, flags: Flags) -> Result<Translated, &'static str> {
    let mut translation = Translation {
        chars: pattern.chars().peekable(),
        flags,
        out: if flags.ignore_case { "(?i)".to_owned() } else { String::new() },
        groups: groups(pattern),
        open: Vec::new(),
        items: 0,
        atom: None,
        backtracks: false,
    };
    translation.run()?;
    let Translation { mut out, backtracks, items, .. } = translation;
    if backtracks {
        // `fancy-regex` has words of Unicode only. What a regex is given cannot look like these: it is quoted.
        out = out.replace(BOUNDARY, BOUNDARY_BY_LOOKING).replace(NO_BOUNDARY, NO_BOUNDARY_BY_LOOKING);
    }
    Ok(Translated { pattern: out, backtracks, items })
}

/// How many groups can be referred to.
fn groups(pattern: &str) -> usize {
    let mut chars = pattern.chars().peekable();
    let (mut count, mut in_class) = (0, false);
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class && chars.peek() != Some(&'?') => count += 1,
            '(' if !in_class => {
                let mut ahead = chars.clone().skip(1);
                let named = ahead.next() == Some('<') && !matches!(ahead.next(), Some('=' | '!'));
                count += usize::from(named);
            }
            _ => {}
        }
    }
    count
}

/// An open group.
struct Open {
    /// How many items came before it.
    items: usize,
    /// Whether it may be repeated.
    repeats: bool,
}

struct Translation<'a> {
    chars: Peekable<Chars<'a>>,
    flags: Flags,
    out: String,
    groups: usize,
    open: Vec<Open>,
    items: usize,
    /// The items of what a quantifier would repeat, if there is anything to repeat.
    atom: Option<usize>,
    backtracks: bool,
}

type Step = Result<(), &'static str>;

impl Translation<'_> {
    fn run(&mut self) -> Step {
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                ')' => self.group_end()?,
                '|' => self.assertion("|"),
                '^' => self.assertion(if self.flags.multi_line { "(?m:^)" } else { r"\A" }),
                '$' => self.assertion(if self.flags.multi_line { "(?m:$)" } else { r"\z" }),
                '.' => self.push_atom(if self.flags.dot_all { r"[\s\S]" } else { r"[^\n]" }),
                '*' => self.repeat("*", 1)?,
                '+' => self.repeat("+", 1)?,
                '?' => self.repeat("?", 1)?,
                '{' => self.braces()?,
                c => self.literal(c),
            }
            if self.items > MAX_REGEX_ITEMS {
                return Err("is too large");
            }
        }
        if self.open.is_empty() { Ok(()) } else { Err("has a group that does not end") }
    }

    fn push_atom(&mut self, text: &str) {
        self.out.push_str(text);
        self.items += 1;
        self.atom = Some(1);
    }

    /// What stands for a place, and cannot be repeated.
    fn assertion(&mut self, text: &str) {
        self.out.push_str(text);
        self.items += 1;
        self.atom = None;
    }

    fn literal(&mut self, c: char) {
        let text = quoted(c);
        self.push_atom(&text);
    }

    fn group(&mut self) -> Step {
        if self.open.len() >= MAX_NESTING {
            return Err("has groups too deep in each other");
        }
        let mut repeats = true;
        if self.chars.next_if_eq(&'?').is_none() {
            self.out.push('(');
        } else {
            match (self.chars.next(), self.chars.peek().copied()) {
                (Some(':'), _) => self.out.push_str("(?:"),
                (Some(kind @ ('=' | '!')), _) => {
                    self.out.push_str(if kind == '=' { "(?=" } else { "(?!" });
                    repeats = false;
                }
                (Some('<'), Some(kind @ ('=' | '!'))) => {
                    self.chars.next();
                    self.out.push_str(if kind == '=' { "(?<=" } else { "(?<!" });
                    repeats = false;
                }
                (Some('<'), Some(_)) => {
                    let name = self.name()?;
                    self.out.push_str(&format!("(?<{name}>"));
                }
                _ => return Err("has a kind of group that is not understood"),
            }
        }
        self.backtracks |= !repeats;
        self.open.push(Open { items: self.items, repeats });
        self.atom = None;
        Ok(())
    }

    fn group_end(&mut self) -> Step {
        let open = self.open.pop().ok_or("ends a group that does not begin")?;
        self.out.push(')');
        self.items += 1;
        self.atom = open.repeats.then_some(self.items - open.items);
        Ok(())
    }

    /// A group's name, up to `>`.
    fn name(&mut self) -> Result<String, &'static str> {
        let mut name = String::new();
        loop {
            match self.chars.next() {
                Some('>') if !name.is_empty() => return Ok(name),
                Some(c) if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
                _ => return Err("has a group whose name is not understood"),
            }
        }
    }

    /// `times`: how often the atom is written out.
    fn repeat(&mut self, quantifier: &str, times: usize) -> Step {
        let atom = self.atom.take().ok_or("repeats nothing")?;
        self.items = self.items.saturating_add(atom.saturating_mul(times.saturating_sub(1)));
        self.out.push_str(quantifier);
        if self.chars.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        Ok(())
    }

    /// A counted quantifier, or a brace that is text.
    fn braces(&mut self) -> Step {
        let mut ahead = self.chars.clone();
        let inside: String = ahead.by_ref().take_while(|c| *c != '}').take(12).collect();
        let (least, most) = inside.split_once(',').map_or((inside.as_str(), None), |(a, b)| (a, Some(b)));
        let number = |text: &str| -> Option<usize> {
            text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten()
        };
        let unended = matches!(most, None | Some(""));
        let (Some(least), Some(times)) =
            (number(least), if unended { number(least) } else { most.and_then(number) })
        else {
            self.literal('{');
            return Ok(());
        };
        if times < least || !self.chars.clone().any(|c| c == '}') {
            return Err("repeats in a way that is not understood");
        }
        self.chars = ahead;
        self.repeat(&format!("{{{inside}}}"), times.max(1))
    }

    fn escape(&mut self) -> Step {
        match self.chars.next().ok_or("ends with a backslash")? {
            'b' => self.assertion(BOUNDARY),
            'B' => self.assertion(NO_BOUNDARY),
            'k' if self.chars.next_if_eq(&'<').is_some() => {
                let name = self.name()?;
                self.reference(&format!("\\k<{name}>"));
            }
            digit @ '1'..='9' => {
                let mut number = usize::try_from(u32::from(digit) - u32::from('0')).unwrap_or_default();
                while let Some(next) = self.chars.peek().and_then(|c| c.to_digit(10)) {
                    number =
                        number.saturating_mul(10).saturating_add(usize::try_from(next).unwrap_or_default());
                    self.chars.next();
                }
                if number > self.groups {
                    return Err("refers to a group that is not there");
                }
                self.reference(&format!("\\{number}"));
            }
            c => match self.escaped(c)? {
                Escaped::Char(c) => self.literal(c),
                Escaped::Set(set) => self.push_atom(&format!("[{set}]")),
            },
        }
        Ok(())
    }

    fn reference(&mut self, text: &str) {
        self.backtracks = true;
        // In a group of its own, so that a digit that follows is not read as part of the number.
        self.push_atom(&format!("(?:{text})"));
    }

    fn class(&mut self) -> Step {
        let negated = self.chars.next_if_eq(&'^').is_some();
        let mut set = String::new();
        loop {
            let first = match self.chars.next().ok_or("has a class that does not end")? {
                ']' => break,
                c => self.class_atom(c)?,
            };
            let mut ahead = self.chars.clone();
            let range = ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']');
            match first {
                Escaped::Char(low) if range => {
                    self.chars.next();
                    let last = self.chars.next().ok_or("has a class that does not end")?;
                    match self.class_atom(last)? {
                        Escaped::Char(high) if low <= high => {
                            set.push_str(&format!("{}-{}", quoted(low), quoted(high)));
                        }
                        Escaped::Char(_) => return Err("has a range that ends before it begins"),
                        Escaped::Set(more) => set.push_str(&format!("{}\\x{{2D}}{more}", quoted(low))),
                    }
                }
                Escaped::Char(c) => set.push_str(&quoted(c)),
                Escaped::Set(more) => set.push_str(&more),
            }
        }
        match (set.as_str(), negated) {
            ("", false) => self.push_atom(r"[^\s\S]"),
            ("", true) => self.push_atom(r"[\s\S]"),
            (set, negated) => {
                let set = format!("[{}{set}]", if negated { "^" } else { "" });
                self.push_atom(&set);
            }
        }
        Ok(())
    }

    fn class_atom(&mut self, c: char) -> Result<Escaped, &'static str> {
        match c {
            '\\' => match self.chars.next().ok_or("ends with a backslash")? {
                'b' => Ok(Escaped::Char('\u{8}')),
                c => self.escaped(c),
            },
            c => Ok(Escaped::Char(c)),
        }
    }

    /// What a backslash and `c` stand for, in a class or outside.
    fn escaped(&mut self, c: char) -> Result<Escaped, &'static str> {
        Ok(match c {
            'd' => Escaped::Set("0-9".to_owned()),
            'D' => Escaped::Set("[^0-9]".to_owned()),
            'w' => Escaped::Set("A-Za-z0-9_".to_owned()),
            'W' => Escaped::Set("[^A-Za-z0-9_]".to_owned()),
            's' => Escaped::Set(r"\s\x{FEFF}".to_owned()),
            'S' => Escaped::Set(r"[^\s\x{FEFF}]".to_owned()),
            'p' | 'P' if self.chars.next_if_eq(&'{').is_some() => self.property(c)?,
            't' => Escaped::Char('\t'),
            'n' => Escaped::Char('\n'),
            'v' => Escaped::Char('\u{b}'),
            'f' => Escaped::Char('\u{c}'),
            'r' => Escaped::Char('\r'),
            '0' => Escaped::Char('\0'),
            'x' => self.hex(2).map_or(Escaped::Char('x'), Escaped::Char),
            'u' => self.unicode()?,
            'c' => match self.chars.next_if(char::is_ascii_alphabetic) {
                Some(letter) => Escaped::Char(char::from(u8::try_from(letter).unwrap_or_default() % 32)),
                None => return Err("has an escape that is not understood"),
            },
            '1'..='9' => return Err("has an escape that is not understood"),
            c => Escaped::Char(c),
        })
    }

    fn property(&mut self, c: char) -> Result<Escaped, &'static str> {
        let name: String = self.chars.by_ref().take_while(|c| *c != '}').collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '=');
        if name.is_empty() || !name.chars().all(plain) {
            return Err("has a property that is not understood");
        }
        // A property is dozens of ranges.
        self.items += 20;
        Ok(Escaped::Set(format!("\\{c}{{{name}}}")))
    }

    fn unicode(&mut self) -> Result<Escaped, &'static str> {
        if self.chars.next_if_eq(&'{').is_some() {
            let digits: String = self.chars.by_ref().take_while(|c| *c != '}').collect();
            let number = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
            return number.map(Escaped::Char).ok_or("has an escape that is no character");
        }
        let Some(high) = self.digits(4) else {
            return Ok(Escaped::Char('u'));
        };
        if let Some(c) = char::from_u32(high) {
            return Ok(Escaped::Char(c));
        }
        // Half of a character that JavaScript counts as two.
        let low = (self.chars.next() == Some('\\') && self.chars.next() == Some('u'))
            .then(|| self.digits(4))
            .flatten()
            .filter(|low| high < 0xdc00 && (0xdc00..0xe000).contains(low));
        low.and_then(|low| char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)))
            .map(Escaped::Char)
            .ok_or("has an escape that is no character")
    }

    fn hex(&mut self, count: usize) -> Option<char> {
        self.digits(count).and_then(char::from_u32)
    }

    /// A hexadecimal number of so many digits; where there is none, nothing is read.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let mut ahead = self.chars.clone();
        let mut number = 0;
        for _ in 0..count {
            number = number * 16 + ahead.next()?.to_digit(16)?;
        }
        self.chars = ahead;
        Some(number)
    }
}

/// What an escape stands for.
enum Escaped {
    Char(char),
    /// What a class of it has between its brackets.
    Set(String),
}

/// A character that means itself, in a class or outside.
fn quoted(c: char) -> String {
    if c.is_alphanumeric() { c.to_string() } else { format!("\\x{{{:X}}}", u32::from(c)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]
mod tests {
    use super::*;

    fn matches(key: &str, text: &str) -> bool {
        let (pattern, flags) = literal(key).unwrap_or_else(|| panic!("{key} is not a regex"));
        let translated = translate(pattern, flags).unwrap_or_else(|error| panic!("{key} {error}"));
        if translated.backtracks {
            fancy_regex::Regex::new(&translated.pattern).unwrap().is_match(text).unwrap()
        } else {
            regex::Regex::new(&translated.pattern).unwrap().is_match(text)
        }
    }

    #[test]
    fn means_what_it_means_in_javascript() {
        for (key, text, expected) in [
            (r"/dragons?/", "two dragons", true),
            (r"/dragons?/", "Dragon", false),
            (r"/dragons?/i", "Dragon", true),
            (r"/^b$/", "a\nb", false),
            (r"/^b$/m", "a\nb\nc", true),
            (r"/b$/", "b\n", false),
            (r"/a.b/", "a\nb", false),
            (r"/a.b/s", "a\nb", true),
            (r"/a.b/gu", "a🐉b", true),
            (r"/\d/", "٣", false),
            (r"/\w/", "é", false),
            (r"/\bber\b/", "über", true),
            (r"/\Bb/", "ab", true),
            (r"/[^\W\d]/", "5é", false),
            (r"/[\w-]+$/", "a-b", true),
            (r"/^[\d-x]$/", "-", true),
            (r"/^[a&&b]$/", "&", true),
            (r"/^[[a]$/", "[", true),
            (r"/[]/", "a", false),
            (r"/^[^]$/", "\n", true),
            (r"/^[\]\\]+$/", r"]\", true),
            (r"/a\/b/", "a/b", true),
            (r"/[/]/", "/", true),
            (r"/^\A\z$/", "Az", true),
            (r"/^\h\#\<\-$/", "h#<-", true),
            (r"/^a{,3}$/", "a{,3}", true),
            (r"/^a{2,}$/", "aaa", true),
            (r"/^a{2}?$/", "aa", true),
            (r"/^{a}$/", "{a}", true),
            (r"/^\x41\u0042\u{43}\cJ\0$/", "ABC\n\0", true),
            (r"/^\uD83D\uDC09$/", "🐉", true),
            (r"/\p{Script=Greek}/u", "δ", true),
            (r"/(?<!un)happy/", "unhappy", false),
            (r"/(?<a>x)\k<a>/", "xx", true),
            (r"/(.)\1/", "hello", true),
            (r"/(?=.*king)(?=.*queen)/i", "the Queen and the King", true),
            (r"/(?=\w)\bAI\b/", "使用AI技术", true),
            (r"/(?=\w)\bAI\b/", "AIs", false),
            (r"/(?=\w)\Bb/", "ab", true),
            (r"/\bAI\b/", "使用AI技术", true),
            (r"/a b#c/", "a b#c", true),
            (r"/^(a+)+$/", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false),
        ] {
            assert_eq!(matches(key, text), expected, "{key} in {text:?}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for pattern in [
            "(", ")", "[", "*a", "a**", "a++", "(?i)a", "(?>a)", "\\", r"\2(a)", "[b-a]", "a{3,2}", r"\uD83D",
        ] {
            assert!(translate(pattern, Flags::default()).is_err(), "{pattern}");
        }
        assert!(translate("(?:(?:a{100}){100})", Flags::default()).is_err(), "too large");
        assert!(translate(&"(".repeat(1000), Flags::default()).is_err(), "too deep");
    }

    #[test]
    fn knows_a_regex_from_a_path() {
        for key in ["/usr/bin/", "/", "//", "dragon", "/a/x", "and/or", "/a"] {
            assert!(literal(key).is_none(), "{key}");
        }
    }

    #[test]
    fn knows_what_backtracks() {
        for (pattern, expected) in
            [("(a+)+b", false), ("(?:a)", false), ("a(?=b)", true), (r"(a)\1", true), ("(?<!a)b", true)]
        {
            assert_eq!(
                translate(pattern, Flags::default()).is_ok_and(|done| done.backtracks),
                expected,
                "{pattern}"
            );
        }
    }
}
