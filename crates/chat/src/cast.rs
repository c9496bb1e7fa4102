//! Who can be spoken to: the characters that the server has, and those that people have made.

use std::sync::Arc;

use arc_swap::ArcSwap;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use raconteur_domain::{OwnPersona, PersonaId, UserId};
use raconteur_persona::package::Package;
use raconteur_persona::{Persona, Personas};
use raconteur_storage::{Db, StorageError};
use tokio::runtime::Handle;

/// How many bytes of packages the characters that are ready to speak were made of, at most.
const READY_BYTES: u64 = 64 * 1024 * 1024;

/// How many of them that may be, roughly.
const READY: usize = 1_000;

/// Who can be spoken to. Clones share everything.
#[derive(Clone)]
pub struct Cast {
    players: Players,
    db: Db,
    runtime: Handle,
}

/// Those of a cast who are ready to speak. It holds no database, so that it can be asked where one does its work.
#[derive(Clone)]
pub(crate) struct Players {
    built_in: Arc<ArcSwap<Personas>>,
    /// Characters that people have made, read already.
    own: Arc<Cache<PersonaId, Ready, ByPackage>>,
}

impl Players {
    /// The characters that the server has.
    pub(crate) fn built_in(&self) -> Arc<Personas> {
        self.built_in.load_full()
    }

    /// A character that somebody has made, in the state that it is in now, where it has been read already.
    pub(crate) fn ready(&self, own: &OwnPersona) -> Option<Arc<Persona>> {
        let ready = self.own.get(&own.id).filter(|ready| ready.version == own.version);
        ready.map(|ready| ready.persona)
    }
}

#[derive(Clone)]
struct Ready {
    version: String,
    persona: Arc<Persona>,
    bytes: u64,
}

#[derive(Clone)]
struct ByPackage;

impl Weighter<PersonaId, Ready> for ByPackage {
    fn weight(&self, _: &PersonaId, ready: &Ready) -> u64 {
        ready.bytes.max(1)
    }
}

/// A character that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The character.
    pub persona: Arc<Persona>,
    /// What is known of it, where it is one that somebody has made; else it is one of the server's.
    pub own: Option<OwnPersona>,
}

impl Cast {
    pub(crate) fn new(built_in: Arc<Personas>, db: Db, runtime: Handle) -> Self {
        let own = Arc::new(Cache::with_weighter(READY, READY_BYTES, ByPackage));
        let players = Players { built_in: Arc::new(ArcSwap::new(built_in)), own };
        Self { players, db, runtime }
    }

    pub(crate) const fn players(&self) -> &Players {
        &self.players
    }

    /// The characters that the server has, as they are now.
    #[must_use]
    pub fn built_in(&self) -> Arc<Personas> {
        self.players.built_in()
    }

    /// Puts others in the place of the characters that the server has. What has begun goes on as it was.
    pub fn replace_built_in(&self, personas: Arc<Personas>) {
        self.players.built_in.store(personas);
    }

    /// The character that stands at this address: of this short name, one of the viewer's own, one of the server's, whose
    /// other names are known too, or a public one.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn at(&self, viewer: Option<UserId>, slug: &str) -> Result<Option<Found>, StorageError> {
        let built_in = self.built_in().find(slug).map(|persona| Found { persona, own: None });
        if viewer.is_none() && built_in.is_some() {
            return Ok(built_in);
        }
        let name = slug.to_owned();
        let own = self.db.read(move |tx| tx.persona_of_slug(viewer, &name)).await?;
        match built_in {
            Some(built_in) if own.as_ref().is_none_or(|own| !own.is_of(viewer)) => Ok(Some(built_in)),
            _ => self.found(own).await,
        }
    }

    /// The character that somebody means by this name: one of the server's, by any of its names, or one of their own or
    /// else a public one, by its short name or its name.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn called(&self, viewer: UserId, name: &str) -> Result<Option<Found>, StorageError> {
        if let Some(persona) = self.built_in().find(name) {
            return Ok(Some(Found { persona, own: None }));
        }
        let name = name.to_owned();
        let own = self.db.read(move |tx| match tx.persona_of_slug(Some(viewer), &name)? {
            Some(own) => Ok::<_, StorageError>(Some(own)),
            None => tx.persona_of_name(viewer, &name),
        });
        let own = own.await?;
        self.found(own).await
    }

    async fn found(&self, own: Option<OwnPersona>) -> Result<Option<Found>, StorageError> {
        let Some(own) = own else { return Ok(None) };
        let persona = self.read(&own).await?;
        Ok(persona.map(|persona| Found { persona, own: Some(own) }))
    }

    /// The character itself; `None` where it has gone meanwhile.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn read(&self, own: &OwnPersona) -> Result<Option<Arc<Persona>>, StorageError> {
        if let Some(persona) = self.players.ready(own) {
            return Ok(Some(persona));
        }
        let id = own.id;
        let Some(bytes) = self.db.read(move |tx| tx.persona_package(id)).await? else { return Ok(None) };
        let (slug, size) = (own.slug.clone(), bytes.len() as u64);
        // A lorebook may be large; nobody waits for this thread.
        let reading = self.runtime.spawn_blocking(move || {
            Package::read(&bytes).map(|(package, _)| Arc::new(package.load(&slug).persona))
        });
        let persona = match reading.await {
            Ok(Ok(persona)) => persona,
            Ok(Err(error)) => return Err(unreadable(id, &error)),
            Err(error) => return Err(unreadable(id, &error)),
        };
        let ready = Ready { version: own.version.clone(), persona: Arc::clone(&persona), bytes: size };
        self.players.own.insert(id, ready);
        Ok(Some(persona))
    }
}

fn unreadable(persona: PersonaId, error: &dyn std::error::Error) -> StorageError {
    StorageError::Unreadable(format!("character {persona}: {error}").into())
}
