//! A database of a test's own, and the things a test does with it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection};
use raconteur_domain::{
    Conversation, ConversationId, EmailAddress, Entropy, Generation, GenerationId, Message, MessageId,
    Outcome, OwnPersona, PersonaId, Role, ServerId, Status, Timestamp, User, UserId,
};
use raconteur_storage::testing::TestSchema;
use raconteur_storage::{Chunk, Db, GenerationEnd, Pool, StorageError};
use tempfile::TempDir;

/// Runs each of these tests on every database.
macro_rules! on_every_database {
    ($($name:ident)*) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::world::World::on_sqlite().await).await;
                }
            )*
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(world) = $crate::world::World::on_postgres().await {
                        super::$name(world).await;
                    }
                }
            )*
        }
    };
}
pub(crate) use on_every_database;

/// How long a server is silent before it is taken for dead. Longer than any test.
pub const SILENCE: Duration = Duration::from_secs(3_600);

/// Random enough for ids, and the same in every run.
#[derive(Default)]
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (index, byte) in buffer.iter_mut().rev().enumerate() {
            *byte = count.get(7_usize.wrapping_sub(index)).copied().unwrap_or(0);
        }
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    rows: i64,
}

pub struct World {
    pub db: Db,
    /// The one server that most tests have.
    pub server: ServerId,
    place: Place,
    entropy: Counter,
    micros: AtomicI64,
}

/// Where the database is; it goes when this is dropped.
pub enum Place {
    Folder(TempDir),
    Schema(TestSchema),
    /// A folder that stays.
    Kept(PathBuf),
    /// One that the test looks after.
    Elsewhere,
}

impl Place {
    pub fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    pub fn url(&self) -> String {
        match self {
            Self::Folder(folder) => format!("sqlite://{}/raconteur.db", folder.path().display()),
            Self::Schema(schema) => schema.url(),
            Self::Kept(folder) => format!("sqlite://{}/raconteur.db", folder.display()),
            Self::Elsewhere => panic!("the test itself knows where its database is"),
        }
    }

    fn open(&self) -> Db {
        Db::open(&self.url().parse().unwrap(), Pool { connections: 4 }).unwrap()
    }

    /// How many rows there are in all of these tables, behind the program's back.
    pub fn count(&self, tables: &[&str]) -> i64 {
        let counts = tables.iter().map(|table| format!("(SELECT count(*) FROM {table})"));
        let query = diesel::sql_query(format!("SELECT {} AS rows", counts.collect::<Vec<_>>().join(" + ")));
        let counted: Counted = match self {
            Self::Schema(schema) => {
                query.get_result(&mut PgConnection::establish(&schema.url()).unwrap()).unwrap()
            }
            place => {
                let url = place.url();
                let path = url.trim_start_matches("sqlite://");
                query.get_result(&mut SqliteConnection::establish(path).unwrap()).unwrap()
            }
        };
        counted.rows
    }

    /// Changes the database behind the program's back.
    pub fn tamper(&self, statements: &str) {
        match self {
            Self::Schema(schema) => schema.execute(statements),
            Self::Folder(folder) => {
                let path = folder.path().join("raconteur.db");
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                // Whoever was there may just be closing it.
                connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                connection.batch_execute(statements).unwrap();
            }
            Self::Kept(_) | Self::Elsewhere => panic!("there is nothing to be changed"),
        }
    }
}

impl World {
    pub async fn on_sqlite() -> Self {
        Self::new(Place::folder()).await
    }

    /// In a folder that stays, where there may be a database from an earlier run.
    pub async fn in_folder(folder: &Path) -> Self {
        let place = Place::Kept(folder.to_owned());
        let db = place.open();
        // Not what was made in an earlier run once more.
        let first = u64::from(std::process::id()) << 32;
        Self::inhabited(db, place, Counter(AtomicU64::new(first))).await
    }

    /// `None` where the test is skipped, for want of a server.
    pub async fn on_postgres() -> Option<Self> {
        Some(Self::new(Place::Schema(TestSchema::create()?)).await)
    }

    async fn new(place: Place) -> Self {
        Self::inhabited(place.open(), place, Counter::default()).await
    }

    /// In a database that the test has opened itself.
    pub async fn with_database(db: Db) -> Self {
        Self::inhabited(db, Place::Elsewhere, Counter::default()).await
    }

    async fn inhabited(db: Db, place: Place, entropy: Counter) -> Self {
        let micros = AtomicI64::new(0);
        let server = ServerId::new(Timestamp::from_micros(0), &entropy);
        let world = Self { db, server, place, entropy, micros };
        world.join(server).await;
        world
    }

    /// Closes the database and opens it again.
    pub async fn reopen(self) -> Self {
        let Self { db, server, place, entropy, micros } = self;
        drop(db);
        Self { db: place.open(), server, place, entropy, micros }
    }

    /// Where the database is.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Changes the database behind the program's back, while it is closed.
    pub async fn reopen_after(self, statements: &str) -> Self {
        let Self { db, server, place, entropy, micros } = self;
        drop(db);
        place.tamper(statements);
        Self { db: place.open(), server, place, entropy, micros }
    }

    /// Closes the database as a server that dies does, and leaves it where it is. The rest of the world may go on
    /// elsewhere.
    pub fn abandon(self) -> (Place, Exile) {
        let Self { db, server: _, place, entropy, micros } = self;
        drop(db);
        (place, Exile { entropy, micros })
    }

    /// The schema, where the database is Postgres.
    pub fn schema(&self) -> &TestSchema {
        match &self.place {
            Place::Schema(schema) => schema,
            _ => panic!("this test has no schema"),
        }
    }

    async fn join(&self, server: ServerId) {
        let now = self.now();
        self.db.write(move |tx| tx.join(server, now)).await.unwrap();
    }

    pub async fn another_server(&self) -> ServerId {
        let server = ServerId::new(self.now(), &self.entropy);
        self.join(server).await;
        server
    }

    /// Time passes, in which nobody but this server is seen. On SQLite nobody looks.
    pub fn only_seen(&self, survivor: ServerId) {
        if let Place::Schema(schema) = &self.place {
            let others = format!("UPDATE servers SET seen_at = 0 WHERE id <> '{survivor}'");
            schema.execute(&format!("UPDATE servers SET seen_since = 0; {others}"));
        }
    }

    /// Buries the dead and ends what they ran. Tells how many replies that were.
    pub async fn bury_dead(&self, survivor: ServerId) -> usize {
        self.db.write(move |tx| tx.bury_dead(survivor, SILENCE)).await.unwrap();
        let orphans = self.db.read(|tx| tx.orphans(100)).await.unwrap();
        for orphan in &orphans {
            let (orphan, now) = (*orphan, self.now());
            assert!(self.db.write(move |tx| tx.interrupt(orphan, now)).await.unwrap());
        }
        orphans.len()
    }

    /// A moment after every earlier one.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + self.micros.fetch_add(1, Ordering::Relaxed))
    }

    pub async fn try_user(&self, email: &str) -> bool {
        let now = self.now();
        let address = EmailAddress::parse(email).unwrap();
        let user = User { id: UserId::new(now, &self.entropy), email: email.to_owned(), created_at: now };
        self.db.write(move |tx| tx.insert_user(&user, &address, Some("hash"))).await.unwrap()
    }

    pub async fn user(&self, email: &str) -> UserId {
        assert!(self.try_user(email).await);
        self.try_find(email).await.unwrap()
    }

    pub async fn try_find(&self, email: &str) -> Option<UserId> {
        let key = EmailAddress::lookup_key(email);
        Some(self.db.read(move |tx| tx.credentials(&key)).await.unwrap()?.user.id)
    }

    /// As [`Place::count`].
    pub fn count(&self, tables: &[&str]) -> i64 {
        self.place.count(tables)
    }

    /// A private character without anything in it.
    pub fn persona(&self, owner_id: UserId, slug: &str) -> OwnPersona {
        let now = self.now();
        OwnPersona {
            id: PersonaId::new(now, &self.entropy),
            owner_id,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            description: None,
            tags: Vec::new(),
            public: false,
            version: "1".to_owned(),
            picture_type: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub async fn conversation(&self, owner_id: UserId, character: &str) -> ConversationId {
        let now = self.now();
        let conversation = Conversation {
            id: ConversationId::new(now, &self.entropy),
            owner_id,
            character: character.to_owned(),
            persona_id: None,
            title: String::new(),
            created_at: now,
            updated_at: now,
        };
        let id = conversation.id;
        self.db.write(move |tx| tx.insert_conversation(&conversation)).await.unwrap();
        id
    }

    /// An active user message below `parent`, not yet stored.
    pub fn message(
        &self,
        owner_id: UserId,
        conversation_id: ConversationId,
        parent: Option<&Message>,
    ) -> Message {
        let now = self.now();
        Message {
            id: MessageId::new(now, &self.entropy),
            owner_id,
            conversation_id,
            parent_id: parent.map(|parent| parent.id),
            depth: parent.map_or(0, |parent| parent.depth + 1),
            active: true,
            role: Role::User,
            content: String::new(),
            status: Status::Complete,
            spoken_bytes: None,
            generation_id: None,
            meta: None,
            created_at: now,
        }
    }

    pub async fn say(&self, owner: UserId, conversation: ConversationId, content: &str) -> Message {
        self.say_text(owner, conversation, content.to_owned()).await
    }

    /// Appends a message to the active path.
    pub async fn say_text(&self, owner: UserId, conversation: ConversationId, content: String) -> Message {
        let message = Message { content, ..self.message(owner, conversation, None) };
        self.db.write(move |tx| append(tx, message)).await.unwrap()
    }

    /// Appends messages to the active path, all at once.
    pub async fn say_all(&self, owner: UserId, conversation: ConversationId, texts: &[String]) {
        let messages: Vec<Message> = texts
            .iter()
            .map(|content| Message { content: content.clone(), ..self.message(owner, conversation, None) })
            .collect();
        let append_all = move |tx: &mut raconteur_storage::WriteTx<'_>| {
            messages.into_iter().try_for_each(|message| append(tx, message).map(drop))
        };
        self.db.write(append_all).await.unwrap();
    }

    pub async fn begin_reply(
        &self,
        owner: UserId,
        conversation: ConversationId,
    ) -> (GenerationId, MessageId) {
        let now = self.now();
        let id = GenerationId::new(now, &self.entropy);
        let message = Message {
            role: Role::Assistant,
            status: Status::Running,
            generation_id: Some(id),
            ..self.message(owner, conversation, None)
        };
        let (message_id, server) = (message.id, self.server);
        let generation = Generation { id, created_at: now, ..self.run_of(&message) };
        self.db
            .write(move |tx| {
                append(tx, message)?;
                tx.insert_generation(&generation, server)
            })
            .await
            .unwrap();
        (id, message_id)
    }

    /// A generation that runs for this message, not yet stored.
    pub fn run_of(&self, message: &Message) -> Generation {
        let now = self.now();
        Generation {
            id: GenerationId::new(now, &self.entropy),
            owner_id: message.owner_id,
            conversation_id: message.conversation_id,
            message_id: message.id,
            model: "offline".to_owned(),
            status: Status::Running,
            created_at: now,
            outcome: Outcome::default(),
        }
    }

    pub async fn append(&self, generation_id: GenerationId, seq: u64, deltas: &[&str]) {
        self.try_append(generation_id, seq, deltas).await.unwrap();
    }

    pub async fn try_append(
        &self,
        generation_id: GenerationId,
        seq: u64,
        deltas: &[&str],
    ) -> Result<(), StorageError> {
        let lengths = deltas.iter().map(|delta| u32::try_from(delta.len()).unwrap()).collect();
        let chunk = Chunk { generation_id, server_id: self.server, seq, text: deltas.concat(), lengths };
        self.db.append(chunk).await
    }

    pub async fn end(&self, id: GenerationId, status: Status, text: &str) -> bool {
        let now = self.now();
        let end = GenerationEnd {
            id,
            status,
            text: text.to_owned(),
            spoken_bytes: None,
            outcome: Outcome::default(),
            explanation: None,
            reasoning: None,
            prompt: None,
        };
        self.db.write(move |tx| tx.end_generation(&end, now)).await.unwrap()
    }

    /// What stands between a message and the first one, the message itself first.
    pub async fn history(&self, conversation: ConversationId, from: MessageId) -> Vec<String> {
        self.db
            .read(move |tx| {
                let mut texts = Vec::new();
                tx.walk_up(conversation, from, |message| {
                    texts.push(message.content);
                    true
                })?;
                Ok::<_, StorageError>(texts)
            })
            .await
            .unwrap()
    }
}

/// A world without a database. What it makes next is unlike all that it made before.
pub struct Exile {
    entropy: Counter,
    micros: AtomicI64,
}

impl Exile {
    /// Starts a server on the database at this place, which ends what another one left running there.
    pub async fn settle(self, place: Place) -> World {
        let Self { entropy, micros } = self;
        let server = ServerId::new(Timestamp::from_micros(0), &entropy);
        let world = World { db: place.open(), server, place, entropy, micros };
        world.join(server).await;
        world.only_seen(server);
        world.bury_dead(server).await;
        world
    }
}

fn append(tx: &mut raconteur_storage::WriteTx<'_>, message: Message) -> Result<Message, StorageError> {
    tx.conversation_to_write(message.owner_id, message.conversation_id)?;
    let leaf = tx.active_leaf(message.conversation_id)?;
    let message = Message {
        parent_id: leaf.as_ref().map(|leaf| leaf.id),
        depth: leaf.map_or(0, |leaf| leaf.depth + 1),
        ..message
    };
    tx.insert_message(&message)?;
    Ok(message)
}
