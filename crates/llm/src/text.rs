//! Words of others, made fit for a log or a database.

use std::error::Error;

/// The longest detail of an error, in code points.
const LONGEST_DETAIL: usize = 500;

/// Text of a model as Raconteur keeps it: NUL, which Postgres cannot hold, becomes U+FFFD.
pub(crate) fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// An error with all its causes, from the outside in.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut causes = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        next = cause.source();
    }
    causes
}

/// Words of a provider, fit for one line of a log: bounded in length, without control characters and without the key.
pub(crate) fn loggable(words: &str, key: Option<&str>) -> String {
    let line = words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut detail = String::new();
    for word in line {
        if !detail.is_empty() {
            detail.push(' ');
        }
        detail.push_str(if mentions(word, key) { "[key]" } else { word });
        if detail.len() > 4 * LONGEST_DETAIL {
            break;
        }
    }
    if let Some((end, _)) = detail.char_indices().nth(LONGEST_DETAIL) {
        detail.truncate(end);
        detail.push('…');
    }
    detail
}

/// Whether a word has the key in it, or its beginning: providers show a key as `sk-abc***xyz` when they refuse it.
fn mentions(word: &str, key: Option<&str>) -> bool {
    const BEGINNING: usize = 6;
    key.is_some_and(|key| {
        let beginning = key.char_indices().nth(BEGINNING).map_or(key, |(end, _)| &key[..end]);
        !beginning.is_empty() && word.contains(beginning)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_one_bounded_line() {
        assert_eq!(loggable("no\r\n\tsuch \u{1b}[31mmodel ", None), "no such [31mmodel");
        assert_eq!(loggable(&"é".repeat(9_999), None), format!("{}…", "é".repeat(500)));
        assert_eq!(loggable(&"word ".repeat(9_999), None).chars().count(), 501);
    }

    #[test]
    fn a_key_never_reaches_a_log_not_even_shortened() {
        let key = Some("sk-proj-0123456789");
        let refusal = "Incorrect API key provided: sk-proj-****6789. (sk-proj-0123456789)";
        assert_eq!(loggable(refusal, key), "Incorrect API key provided: [key] [key]");
        assert_eq!(loggable("nothing secret", Some("")), "nothing secret");
    }

    #[test]
    fn nul_becomes_the_replacement_character() {
        assert_eq!(without_nul("a\0b".to_owned()), "a\u{fffd}b");
    }
}
