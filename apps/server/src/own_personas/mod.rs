//! The characters that people make, bring, change and take along.

mod draft;

use std::sync::Arc;

use raconteur_chat::{Cast, Found};
use raconteur_domain::limits::{CHARACTER_MAX_CHARS, OWN_PERSONAS_MAX, OWN_PERSONAS_MAX_BYTES};
use raconteur_domain::{Clock, Entropy, OwnPersona, PersonaId, UserId, slug};
use raconteur_persona::Persona;
use raconteur_persona::cards::{Card, CardError};
use raconteur_persona::package::{Format, Package};
use raconteur_storage::{Db, Kept, PersonaFiles, StorageError};

pub use draft::{Draft, Source, called};

use crate::pictures::{Picture, PictureError};

/// How often a change is tried that others change too.
const TRIES: usize = 5;

/// How many short names are tried in the place of one that is taken, before one is drawn.
const COUNTED: usize = 20;

/// Why a character is not made or changed. Then nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PersonaError {
    /// The person has no such character.
    #[error("no such character")]
    NotFound,
    /// A field does not say what it is to say.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// The file is no character.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The picture is not taken.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The person has as many as they may have.
    #[error("{0}")]
    Full(String),
    /// Others change the same thing, again and again.
    #[error("the character is being changed by somebody else")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The work on it did not end.
    #[error("{0}")]
    Inside(String),
}

/// The characters that people make. Clones share everything.
#[derive(Clone)]
pub struct OwnPersonas {
    /// Where they are kept.
    pub db: Db,
    /// Who can be spoken to.
    pub cast: Cast,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What is kept of a character, before it has a short name and a place.
struct Content {
    persona: Persona,
    tags: Vec<String>,
    package: Vec<u8>,
}

impl OwnPersonas {
    /// Makes a character.
    ///
    /// # Errors
    ///
    /// [`PersonaError`].
    pub async fn create(&self, owner: UserId, draft: Draft) -> Result<Found, PersonaError> {
        let (wanted, public) = (draft.slug.clone(), draft.public.unwrap_or_default());
        let package = blocking(move || {
            let mut package = Package::new(Card::new(draft.name.clone().unwrap_or_default()));
            draft.apply(&mut package)?;
            Ok(package)
        });
        self.keep(owner, package.await?, None, wanted, public).await
    }

    /// Takes in a character from a file: a card as JSON, PNG or CHARX, or a zip of a folder. Also what of it was left out, a
    /// sentence each.
    ///
    /// # Errors
    ///
    /// [`PersonaError`].
    pub async fn import(
        &self,
        owner: UserId,
        bytes: Vec<u8>,
        public: bool,
    ) -> Result<(Found, Vec<String>), PersonaError> {
        let (package, picture, ignored) = take_in(bytes).await?;
        Ok((self.keep(owner, package, picture, None, public).await?, ignored))
    }

    /// As [`OwnPersonas::import`], under this short name unless it is none or taken.
    ///
    /// # Errors
    ///
    /// [`PersonaError`].
    pub async fn bring_back(
        &self,
        owner: UserId,
        bytes: Vec<u8>,
        public: bool,
        name: &str,
    ) -> Result<(Found, Vec<String>), PersonaError> {
        let (package, picture, ignored) = take_in(bytes).await?;
        let wanted = Some(short_name(name)).filter(|short| short == name);
        let kept = self.keep(owner, package.clone(), picture.clone(), wanted, public).await;
        let kept = match kept {
            Err(PersonaError::Field("slug", _)) => self.keep(owner, package, picture, None, public).await,
            kept => kept,
        };
        Ok((kept?, ignored))
    }

    /// Changes one of a person's own characters.
    ///
    /// # Errors
    ///
    /// [`PersonaError`].
    pub async fn change(&self, owner: UserId, slug: &str, draft: Draft) -> Result<Found, PersonaError> {
        for _ in 0..TRIES {
            let (own, files) = self.files(owner, slug).await?;
            let mut changed = own.clone();
            changed.public = draft.public.unwrap_or(own.public);
            changed.slug = draft.slug.clone().unwrap_or(own.slug);
            let (draft, name) = (draft.clone(), changed.slug.clone());
            let change = blocking(move || {
                let (mut package, _) = Package::read(&files.package)?;
                draft.apply(&mut package)?;
                Ok((Content::of(&package, &name)?, files.picture))
            });
            let (content, picture) = change.await?;
            let name = changed.slug.clone();
            if self.replace(own.version, changed, content, picture).await? {
                return self.at(owner, &name).await;
            }
        }
        Err(PersonaError::Busy)
    }

    /// Gives a character another picture, or none.
    ///
    /// # Errors
    ///
    /// [`PersonaError`].
    pub async fn set_picture(
        &self,
        owner: UserId,
        slug: &str,
        bytes: Option<Vec<u8>>,
    ) -> Result<Found, PersonaError> {
        let picture = blocking(move || Ok(bytes.map(|bytes| Picture::taken_in(&bytes)).transpose()?)).await?;
        for _ in 0..TRIES {
            let (own, files) = self.files(owner, slug).await?;
            let mut changed = own.clone();
            changed.picture_type = picture.as_ref().map(|picture| picture.media_type.to_owned());
            changed.version = self.version();
            changed.updated_at = self.clock.now();
            let files =
                PersonaFiles { picture: picture.as_ref().map(|picture| picture.bytes.clone()), ..files };
            self.room(owner, 0, files.picture.as_ref().map_or(0, Vec::len)).await?;
            let kept = self.db.write(move |tx| tx.replace_persona(&own.version, &changed, &files)).await?;
            if kept == Kept::Yes {
                return self.at(owner, slug).await;
            }
        }
        Err(PersonaError::Busy)
    }

    /// Removes a character. Conversations with it stay, and are with a stranger of its name from then on.
    ///
    /// # Errors
    ///
    /// [`PersonaError`].
    pub async fn delete(&self, owner: UserId, slug: &str) -> Result<(), PersonaError> {
        let own = self.own(owner, slug).await?;
        let deleted = self.db.write(move |tx| tx.delete_persona(owner, own.id)).await?;
        if deleted { Ok(()) } else { Err(PersonaError::NotFound) }
    }

    /// The whole of a character that somebody has made, its picture included.
    ///
    /// # Errors
    ///
    /// [`PersonaError`].
    pub async fn package(&self, own: &OwnPersona) -> Result<Package, PersonaError> {
        let files = self.files_of(own.id).await?;
        blocking(move || {
            let (mut package, _) = Package::read(&files.package)?;
            package.picture = files.picture;
            Ok(package)
        })
        .await
    }

    async fn own(&self, owner: UserId, slug: &str) -> Result<OwnPersona, PersonaError> {
        let slug = slug.to_owned();
        let found = self.db.read(move |tx| tx.persona_of_slug(Some(owner), &slug)).await?;
        found.filter(|own| own.is_of(Some(owner))).ok_or(PersonaError::NotFound)
    }

    async fn files(&self, owner: UserId, slug: &str) -> Result<(OwnPersona, PersonaFiles), PersonaError> {
        let own = self.own(owner, slug).await?;
        let files = self.files_of(own.id).await?;
        Ok((own, files))
    }

    async fn files_of(&self, id: PersonaId) -> Result<PersonaFiles, PersonaError> {
        let files = self.db.read(move |tx| {
            let package = tx.persona_package(id)?;
            let picture = tx.persona_picture(id)?;
            Ok::<_, StorageError>(package.map(|package| PersonaFiles { package, picture }))
        });
        files.await?.ok_or(PersonaError::NotFound)
    }

    async fn at(&self, owner: UserId, slug: &str) -> Result<Found, PersonaError> {
        self.cast.at(Some(owner), slug).await?.ok_or(PersonaError::NotFound)
    }

    /// Whether there is room for so many more characters and bytes.
    async fn room(&self, owner: UserId, characters: u64, bytes: usize) -> Result<(), PersonaError> {
        let (count, used) = self.db.read(move |tx| tx.persona_usage(owner)).await?;
        if count + characters > OWN_PERSONAS_MAX {
            return Err(PersonaError::Full(format!(
                "You have {count} characters, and more are not kept. Delete one first."
            )));
        }
        if used + bytes as u64 > OWN_PERSONAS_MAX_BYTES {
            return Err(PersonaError::Full(format!(
                "Your characters take {} MiB, and {} MiB are kept. Delete one first.",
                used >> 20,
                OWN_PERSONAS_MAX_BYTES >> 20
            )));
        }
        Ok(())
    }

    /// Which state of a character this is: no other one has the same.
    fn version(&self) -> String {
        let mut random = [0; 8];
        self.entropy.fill(&mut random);
        format!("{:016x}", u64::from_be_bytes(random))
    }

    /// Keeps a new character, under this short name or one made of its name.
    async fn keep(
        &self,
        owner: UserId,
        package: Package,
        picture: Option<Picture>,
        wanted: Option<String>,
        public: bool,
    ) -> Result<Found, PersonaError> {
        let base = wanted.clone().unwrap_or_else(|| short_name(called(&package.card)));
        for count in 1.. {
            let candidate = match count {
                1 => base.clone(),
                2..=COUNTED => numbered(&base, &count.to_string()),
                _ => numbered(&base, self.version().get(..6).unwrap_or_default()),
            };
            let free = self.cast.at(Some(owner), &candidate).await?.is_none();
            if free && self.insert(owner, package.clone(), picture.clone(), &candidate, public).await? {
                return self.at(owner, &candidate).await;
            }
            if wanted.is_some() {
                return Err(taken());
            }
            if count > COUNTED + TRIES {
                break;
            }
        }
        Err(PersonaError::Busy)
    }

    /// `false` where somebody has the short name.
    async fn insert(
        &self,
        owner: UserId,
        package: Package,
        picture: Option<Picture>,
        slug: &str,
        public: bool,
    ) -> Result<bool, PersonaError> {
        let name = slug.to_owned();
        let content = blocking(move || Content::of(&package, &name)).await?;
        let (picture_type, picture) = picture.map(|picture| (picture.media_type, picture.bytes)).unzip();
        self.room(owner, 1, content.package.len() + picture.as_ref().map_or(0, Vec::len)).await?;
        let now = self.clock.now();
        let persona = OwnPersona {
            id: PersonaId::new(now, &*self.entropy),
            owner_id: owner,
            slug: slug.to_owned(),
            name: content.persona.name().to_owned(),
            description: content.persona.description().map(str::to_owned),
            tags: content.tags,
            public,
            version: self.version(),
            picture_type: picture_type.map(str::to_owned),
            created_at: now,
            updated_at: now,
        };
        let files = PersonaFiles { package: content.package, picture };
        Ok(self.db.write(move |tx| tx.insert_persona(&persona, &files)).await? == Kept::Yes)
    }

    /// `false` where it has been changed meanwhile.
    async fn replace(
        &self,
        version: String,
        mut changed: OwnPersona,
        content: Content,
        picture: Option<Vec<u8>>,
    ) -> Result<bool, PersonaError> {
        // Nobody's short name but those of others and the server's.
        if self.cast.built_in().find(&changed.slug).is_some() {
            return Err(taken());
        }
        self.room(changed.owner_id, 0, content.package.len()).await?;
        changed.name = content.persona.name().to_owned();
        changed.description = content.persona.description().map(str::to_owned);
        changed.tags = content.tags;
        changed.version = self.version();
        changed.updated_at = self.clock.now();
        let files = PersonaFiles { package: content.package, picture };
        match self.db.write(move |tx| tx.replace_persona(&version, &changed, &files)).await? {
            Kept::Yes => Ok(true),
            Kept::Changed => Ok(false),
            Kept::SlugTaken => Err(taken()),
        }
    }
}

impl Content {
    fn of(package: &Package, slug: &str) -> Result<Self, PersonaError> {
        let persona = package.load(slug).persona;
        let package_bytes = package.write(slug, Format::Zip)?;
        Ok(Self { tags: persona.tags().to_vec(), persona, package: package_bytes })
    }
}

/// What a file has in it: a character and its picture, and what was left out, a sentence each.
async fn take_in(bytes: Vec<u8>) -> Result<(Package, Option<Picture>, Vec<String>), PersonaError> {
    blocking(move || {
        let (mut package, mut ignored) = Package::read(&bytes)?;
        if package.card.name().trim().is_empty() {
            package.card.set_name("Nameless");
            ignored
                .push("The character has no name; it is called Nameless until you give it one.".to_owned());
        }
        let picture = package.picture.take().and_then(|bytes| match Picture::taken_in(&bytes) {
            Ok(picture) => Some(picture),
            Err(error) => {
                ignored.push(format!("Its picture was left out. {error}"));
                None
            }
        });
        Ok((package, picture, ignored))
    })
    .await
}

fn taken() -> PersonaError {
    PersonaError::Field("slug", "Another character has this short name.".to_owned())
}

/// A short name made of a name.
fn short_name(name: &str) -> String {
    let whole = slug(name);
    let cut: String = whole.chars().take(CHARACTER_MAX_CHARS).collect();
    let cut = cut.trim_end_matches('-');
    if cut.is_empty() { "character".to_owned() } else { cut.to_owned() }
}

/// A short name with something at its end, no longer than one may be.
fn numbered(base: &str, end: &str) -> String {
    let room = CHARACTER_MAX_CHARS - end.chars().count() - 1;
    let cut: String = base.chars().take(room).collect();
    format!("{}-{end}", cut.trim_end_matches('-'))
}

/// Does what takes a processor for a while, where nobody waits for the thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PersonaError> + Send + 'static,
) -> Result<T, PersonaError> {
    let done = actix_web::rt::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(PersonaError::Inside(error.to_string())))
}
