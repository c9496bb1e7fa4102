//! Characters that people have made.

use crate::{PersonaId, Timestamp, UserId};

/// A character that a person has made or brought: what is known of it without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPersona {
    /// The character's id.
    pub id: PersonaId,
    /// Whose it is.
    pub owner_id: UserId,
    /// Its short name, which stands in addresses: one of its owner's alone, and where it is public of all.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Who it is.
    pub description: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether everybody may speak to it, or its owner alone.
    pub public: bool,
    /// Which state of it this is; it changes with anything in it.
    pub version: String,
    /// The media type of its picture, where it has one.
    pub picture_type: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

impl OwnPersona {
    /// Whether this person may speak to it; nobody in particular may speak to public ones.
    #[must_use]
    pub fn is_for(&self, person: Option<UserId>) -> bool {
        self.public || self.is_of(person)
    }

    /// Whether it is this person's.
    #[must_use]
    pub fn is_of(&self, person: Option<UserId>) -> bool {
        person == Some(self.owner_id)
    }
}
