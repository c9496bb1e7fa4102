//! FNV-1a, 64 bits: small, fast and the same on every machine and in every release, which the standard library's
//! hasher does not promise. It resists nobody who looks for collisions; nothing here depends on that.

/// A running hash.
#[derive(Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Fnv {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(crate) const fn finish(self) -> u64 {
        self.0
    }

    pub(crate) fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

/// One of the choices, always the same one for the same seed; nothing where there is no choice.
pub(crate) fn pick<'a>(choices: &'a [String], seed: &str) -> Option<&'a str> {
    let mut hash = Fnv::new();
    hash.write(seed.as_bytes());
    let count = u64::try_from(choices.len()).ok()?;
    let index = usize::try_from(hash.finish().checked_rem(count)?).ok()?;
    choices.get(index).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_values() {
        for (text, expected) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            let mut hash = Fnv::new();
            hash.write(text.as_bytes());
            assert_eq!(hash.finish(), expected, "{text:?}");
        }
    }

    #[test]
    fn picks_every_choice_for_some_seed_and_the_same_one_again() {
        let choices = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        for choice in &choices {
            assert!((0..100).any(|seed| pick(&choices, &seed.to_string()) == Some(choice)));
        }
        assert_eq!(pick(&choices, "seed"), pick(&choices, "seed"));
        assert_eq!(pick(&[], "seed"), None);
    }
}
