//! How freely a model chooses its words.

/// How freely a model chooses its words, from 0 (always the likeliest) to 2. It is kept in thousandths, so that it is the same
/// number wherever it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Temperature(u16);

impl Temperature {
    /// The highest.
    pub const MAX: f64 = 2.0;

    /// This number, rounded to thousandths; `None` below 0 or above 2.
    ///
    /// ```
    /// use raconteur_domain::Temperature;
    /// assert_eq!(Temperature::new(0.7).map(Temperature::value), Some(0.7));
    /// assert_eq!(Temperature::new(2.1), None);
    /// ```
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is at most 2000, and not negative"
    )]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=Self::MAX).contains(&value).then(|| Self((value * 1000.0).round() as u16))
    }

    /// So many thousandths; `None` above 2000.
    #[must_use]
    pub fn from_thousandths(thousandths: i64) -> Option<Self> {
        u16::try_from(thousandths).ok().filter(|thousandths| *thousandths <= 2000).map(Self)
    }

    /// As thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0 as i64
    }

    /// As a number.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}
