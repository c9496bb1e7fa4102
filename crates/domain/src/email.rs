//! E-mail addresses: shown as typed, compared as people mean them.

use crate::limits::EMAIL_MAX_CHARS;
use crate::text::{fold, is_blank_char, strip};

/// An e-mail address as a person typed it, with the key under which it is unique.
///
/// ```
/// use raconteur_domain::EmailAddress;
/// let typed = EmailAddress::parse(" Ada@Example.ORG ")?;
/// assert_eq!(typed.as_typed(), "Ada@Example.ORG");
/// assert_eq!(typed.key(), EmailAddress::parse("ada@example.org")?.key());
/// # Ok::<(), raconteur_domain::InvalidEmail>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    typed: String,
    key: String,
}

/// Why a text is not taken as an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// It is longer than [`EMAIL_MAX_CHARS`].
    #[error("Ensure this field has no more than {EMAIL_MAX_CHARS} characters.")]
    TooLong,
    /// It has not the form `name@host.domain`.
    #[error("Enter a valid email address.")]
    Malformed,
}

impl EmailAddress {
    /// Reads an address; blanks around it do not count.
    ///
    /// The check is of the form only: something, one `@`, and a host name of two labels or more. Only a message
    /// sent there could prove more.
    ///
    /// # Errors
    ///
    /// [`InvalidEmail`] says what is wrong, in words for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let typed = strip(text);
        if typed.chars().count() > EMAIL_MAX_CHARS {
            return Err(InvalidEmail::TooLong);
        }
        let key = fold(typed);
        if looks_like_an_address(&key) {
            Ok(Self { typed: typed.to_owned(), key })
        } else {
            Err(InvalidEmail::Malformed)
        }
    }

    /// The address of an account that belongs to this machine and to no person: `NAME@localhost`.
    ///
    /// Its host is a single label, so that [`parse`](Self::parse) never gives it to anybody:
    ///
    /// ```
    /// use raconteur_domain::EmailAddress;
    /// let terminal = EmailAddress::of_this_machine("terminal");
    /// assert_eq!(terminal.as_typed(), "terminal@localhost");
    /// assert_eq!(terminal.key(), EmailAddress::lookup_key("Terminal@LocalHost"));
    /// assert!(EmailAddress::parse("terminal@localhost").is_err());
    /// ```
    #[must_use]
    pub fn of_this_machine(name: &str) -> Self {
        let typed = format!("{name}@localhost");
        Self { key: fold(&typed), typed }
    }

    /// The key of whatever was typed, an address or not: for looking somebody up.
    #[must_use]
    pub fn lookup_key(text: &str) -> String {
        fold(strip(text))
    }

    /// The address as it was typed, without the blanks around it.
    #[must_use]
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What makes the address unique: case and compatibility form do not count.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn looks_like_an_address(key: &str) -> bool {
    let Some((name, host)) = key.split_once('@') else {
        return false;
    };
    let printable = key.chars().all(|c| !is_blank_char(c) && !c.is_control());
    let labels: Vec<&str> = host.split('.').collect();
    printable
        && !name.is_empty()
        && !host.contains('@')
        && labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_in_many_spellings_has_one_key() {
        let spellings = [
            "ada@example.org",
            "ADA@EXAMPLE.ORG",
            "Ada@Example.Org",
            "  ada@example.org\t",
            "ａｄａ＠example.org",
        ];
        let keys: Vec<String> =
            spellings.iter().map(|s| EmailAddress::parse(s).unwrap().key().to_owned()).collect();
        assert!(keys.iter().all(|key| key == "ada@example.org"), "{keys:?}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "ada",
            "@example.org",
            "ada@",
            "ada@host",
            "a b@example.org",
            "a@b@c.org",
            "a@.org",
            "a@x..org",
            "a@-x.org",
            "a\u{0}@x.org",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmail::Malformed), "{text:?}");
        }
    }

    #[test]
    fn the_length_counts_characters() {
        let longest = format!("{}@example.org", "é".repeat(EMAIL_MAX_CHARS - 12));
        assert!(EmailAddress::parse(&longest).is_ok());
        assert_eq!(EmailAddress::parse(&format!("é{longest}")), Err(InvalidEmail::TooLong));
    }
}
