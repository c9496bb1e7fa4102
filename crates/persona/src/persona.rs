//! The persona itself.

#[cfg(feature = "cards")]
use crate::carded::Carded;
use crate::hash::{Fnv, pick};
use crate::identity::{Example, Identity};
use crate::knowledge::Knowledge;
use crate::sampling::Sampling;
use crate::style::Style;

/// What a persona says when the model fails and its files have no line for it; it fits any character.
const TROUBLE: &str = "Forgive me, I lost my thread. Ask me that again in a moment.";

/// A character that can be spoken to: who it is, how it speaks, what it knows.
///
/// It does not change once loaded; its [version](Self::version) names the state of its files.
#[derive(Debug)]
pub struct Persona {
    pub(crate) identity: Identity,
    pub(crate) style: Style,
    pub(crate) knowledge: Knowledge,
    pub(crate) version: String,
    #[cfg(feature = "cards")]
    pub(crate) card: Option<Box<Carded>>,
}

impl Persona {
    /// A persona of that name of which nothing else is known: no knowledge, and the strict in-character prompt.
    ///
    /// Its slug is its name in lower case.
    #[must_use]
    pub fn stranger(name: &str) -> Self {
        let name = Some(name.trim()).filter(|name| !name.is_empty()).unwrap_or("Stranger");
        let mut version = Fnv::new();
        version.write(name.as_bytes());
        Self {
            identity: Identity::new(&name.to_lowercase(), name.to_owned()),
            style: Style::default(),
            knowledge: Knowledge::default(),
            version: version.hex(),
            #[cfg(feature = "cards")]
            card: None,
        }
    }

    /// The name used in addresses and settings, such as `bronn`.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.identity.slug
    }

    /// The name it goes by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.identity.name
    }

    /// Its name in full, where that is another.
    #[must_use]
    pub fn full_name(&self) -> Option<&str> {
        self.identity.full_name.as_deref()
    }

    /// Other names that it answers to.
    #[must_use]
    pub fn aliases(&self) -> &[String] {
        &self.identity.aliases
    }

    /// Who it is, in a sentence or two.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.identity.description.as_deref()
    }

    /// What it says first.
    #[must_use]
    pub fn greeting(&self) -> Option<&str> {
        self.identity.greeting.as_deref()
    }

    /// Exchanges that show how it talks.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.identity.examples
    }

    /// The file with its picture, as `persona.yml` names it.
    #[must_use]
    pub fn avatar(&self) -> Option<&str> {
        self.identity.avatar.as_deref()
    }

    /// What a message begins with that is for the narrator and not for the character; never blank.
    #[must_use]
    pub fn narrator_toggle(&self) -> &str {
        &self.style.toggle
    }

    /// What its readers should know, such as whose character it is.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.identity.notice.as_deref()
    }

    /// Words to find it by among others.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &self.identity.tags
    }

    /// How it wants its replies to be generated.
    #[must_use]
    pub fn sampling(&self) -> &Sampling {
        &self.identity.sampling
    }

    /// What it knows.
    #[must_use]
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// Sixteen hexadecimal digits that change with any byte of its files and are the same everywhere.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it says, in character, when the model fails: always the same for the same seed, and never blank.
    #[must_use]
    pub fn trouble_line(&self, seed: &str) -> &str {
        pick(&self.identity.trouble, seed).unwrap_or(TROUBLE)
    }
}
