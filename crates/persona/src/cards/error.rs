//! Why a card could not be read or written, said to the person who chose the file.

use thiserror::Error;

/// A card that cannot be used. What it displays says what was wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CardError {
    /// The file is neither JSON, nor PNG, nor a zip.
    #[error(
        "this file is not a character card: it is neither JSON, nor a PNG, nor a CHARX (zip); export the \
         character as one of these"
    )]
    UnknownFormat,
    /// A limit of [`limits`](crate::limits) is passed.
    #[error(
        "too many {what}: a card may have {limit} at most; shrink its pictures, its texts or its lorebook"
    )]
    TooLarge {
        /// What there is too much of, such as "bytes in the file".
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
    /// A file in the zip inflates as only a zip bomb does.
    #[error(
        "a file in this CHARX is more than {limit} times larger than its packed form, as in files made to \
         fill a machine's memory; pack it again without compression if you trust it"
    )]
    Bomb {
        /// How many times larger it may be.
        limit: usize,
    },
    /// The text is not JSON.
    #[error("the card's JSON is broken: {0}; export the character once more")]
    BadJson(String),
    /// The JSON is something else.
    #[error(
        "this JSON is not a character card: it has no `data` with a card in it, and no `name` with a \
         `description` or `first_mes` beside it"
    )]
    NotACard,
    /// A lorebook where a card was expected.
    #[error("this is a lorebook without a character; add it to a character as its `character_book`")]
    Lorebook,
    /// The PNG is damaged.
    #[error("the PNG is damaged: {0}; download or export it once more")]
    BadPng(&'static str),
    /// The PNG is a picture and no more.
    #[error(
        "this PNG carries no character; many sites and chat programs strip it from pictures: download the \
         original file"
    )]
    NoCardInPng,
    /// The text in the PNG is no base64.
    #[error("the character in the PNG is damaged: it is not base64; download the original file")]
    BadBase64,
    /// The compressed text in the PNG is damaged.
    #[error("the character in the PNG is damaged: it cannot be inflated; download the original file")]
    BadDeflate,
    /// The zip is damaged, encrypted or of an unknown kind.
    #[error("the CHARX (zip) cannot be read: {0}; export it once more, without a password")]
    BadZip(String),
    /// The zip holds no card.
    #[error("this zip is not a CHARX: there is no `card.json` at its root")]
    NoCardInZip,
    /// The zip holds neither a card nor the files of a persona.
    #[error(
        "this zip holds no persona: neither at its top nor in one folder has it any of card.json, card.png, \
         card.charx, persona.yml, style.yml and kb.jsonl"
    )]
    NoPersonaInZip,
    /// A picture to be written that programs do not show.
    #[error("the picture is no PNG, JPEG, WebP or SVG; give one of these")]
    BadPicture,
    /// A CHARX to be written names one file twice, or a name that is a path out of it.
    #[error(
        "`{0}` cannot be the name of a file in a CHARX; give each file a name of its own, such as \
         `assets/icon/images/main.png`"
    )]
    BadName(String),
}

impl CardError {
    /// A word for programs. It stays the same when the message is put better.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownFormat => "unknown_format",
            Self::TooLarge { .. } => "too_large",
            Self::Bomb { .. } => "bomb",
            Self::BadJson(_) => "bad_json",
            Self::NotACard => "not_a_card",
            Self::Lorebook => "lorebook",
            Self::BadPng(_) => "bad_png",
            Self::NoCardInPng => "no_card_in_png",
            Self::BadBase64 => "bad_base64",
            Self::BadDeflate => "bad_deflate",
            Self::BadZip(_) => "bad_zip",
            Self::NoCardInZip => "no_card_in_zip",
            Self::NoPersonaInZip => "no_persona_in_zip",
            Self::BadPicture => "bad_picture",
            Self::BadName(_) => "bad_name",
        }
    }
}

/// Refuses what is more than a limit.
pub(crate) fn at_most(limit: usize, count: usize, what: &'static str) -> Result<(), CardError> {
    if count > limit { Err(CardError::TooLarge { what, limit }) } else { Ok(()) }
}

/// The beginning of what a stranger wrote, for a sentence about it.
pub(crate) fn quoted(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
