//! The values of columns, as the checksums take them in.

use sha2::{Digest as _, Sha256};

/// What a column may hold.
pub(super) trait Value {
    /// Whether it may be long: text, or bytes.
    const IS_LONG: bool;

    /// Takes the value into a checksum, so that no two rows of the same table feed it the same bytes: each value says
    /// whether there is one, and a text how long it is.
    fn feed(&self, digest: &mut Sha256);
}

impl Value for String {
    const IS_LONG: bool = true;

    fn feed(&self, digest: &mut Sha256) {
        digest.update([1]);
        // A `usize` has 64 bits at most.
        digest.update((self.len() as u64).to_be_bytes());
        digest.update(self);
    }
}

impl Value for Vec<u8> {
    const IS_LONG: bool = true;

    fn feed(&self, digest: &mut Sha256) {
        digest.update([1]);
        digest.update((self.len() as u64).to_be_bytes());
        digest.update(self);
    }
}

impl Value for i64 {
    const IS_LONG: bool = false;

    fn feed(&self, digest: &mut Sha256) {
        digest.update([1]);
        digest.update(self.to_be_bytes());
    }
}

impl Value for bool {
    const IS_LONG: bool = false;

    fn feed(&self, digest: &mut Sha256) {
        digest.update([1, u8::from(*self)]);
    }
}

impl<T: Value> Value for Option<T> {
    const IS_LONG: bool = T::IS_LONG;

    fn feed(&self, digest: &mut Sha256) {
        match self {
            Some(value) => value.feed(digest),
            None => digest.update([0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(values: &[&dyn Fn(&mut Sha256)]) -> String {
        let mut digest = Sha256::new();
        for feed in values {
            feed(&mut digest);
        }
        super::super::hex(&digest.finalize())
    }

    #[test]
    fn what_stands_in_one_column_is_not_taken_for_what_stands_in_the_next() {
        let texts = |first: &str, second: &str| {
            let (first, second) = (first.to_owned(), second.to_owned());
            checksum(&[&|digest| first.feed(digest), &|digest| second.feed(digest)])
        };
        assert_ne!(texts("ab", "c"), texts("a", "bc"));
        assert_ne!(texts("", "a"), texts("a", ""));
        assert_eq!(texts("a", "b"), texts("a", "b"));
    }

    #[test]
    fn nothing_and_an_empty_text_are_two_things() {
        let optional = |value: Option<String>| checksum(&[&|digest| value.feed(digest)]);
        assert_ne!(optional(None), optional(Some(String::new())));
    }
}
