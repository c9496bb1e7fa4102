//! Passwords that whoever guesses tries first. `assets/README.md` says where they are from.

use std::collections::HashSet;
use std::sync::LazyLock;

/// In lower case, a line each.
const LIST: &str = include_str!("../assets/common-passwords.txt");

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| LIST.lines().collect());

/// Whether the password, folded, is one of them.
pub fn is_common(folded: &str) -> bool {
    COMMON.contains(folded)
}

#[cfg(test)]
mod tests {
    use raconteur_domain::fold;

    use super::*;
    use crate::PASSWORD_MIN_CHARS;

    #[test]
    fn the_list_is_long_and_in_the_form_that_is_compared() {
        // OWASP's ASVS 5.0 asks for 3,000 of those that are long enough (6.2.4).
        assert!(COMMON.len() > 8_000, "{}", COMMON.len());
        for line in LIST.lines() {
            assert!(fold(line) == line && line.chars().count() >= PASSWORD_MIN_CHARS, "{line}");
        }
    }
}
