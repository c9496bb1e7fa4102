//! A chat of a test's own: a person, a conversation, and a model that follows scripts.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;

use raconteur_chat::{Chat, ChatError, ChatSettings, Durability, Parts, Send};
use raconteur_domain::{
    Clock, Conversation, ConversationId, EmailAddress, Entropy, Generation, GenerationId, Message, MessageId,
    Timestamp, User, UserId,
};
use raconteur_fake_upstream::{FakeUpstream, PATIENCE};
use raconteur_llm::{ChatModel, Limits, OpenAiConfig, OpenAiModel, http_client};
use raconteur_persona::{Files, Persona, Personas};
use raconteur_storage::testing::TestSchema;
use raconteur_storage::{Db, Pool, StorageError};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::reader::Reader;

/// What Wren says when the model fails.
pub const TROUBLE: &str = "Fog on the river. Ask me again.";

pub const SETTINGS: ChatSettings = ChatSettings {
    context_tokens: 128_000,
    history_tokens: 6_000,
    temperature: 0.5,
    max_tokens: 1024,
    summaries: false,
    keep_reasoning: false,
    durability: Durability::Strict,
    dead_after: Duration::from_secs(10),
};

/// A running server's chat, and those who use it.
pub struct World {
    pub chat: Chat,
    pub db: Db,
    pub upstream: FakeUpstream,
    pub ground: Ground,
}

/// What outlives a server: its disk, its people, time.
pub struct Ground {
    place: Place,
    pub clock: Arc<StoppedClock>,
    pub entropy: Arc<Counter>,
    pub owner: UserId,
    /// A conversation with Wren.
    pub thread: ConversationId,
}

/// Where the database is; it goes when this is dropped.
enum Place {
    Folder(TempDir),
    Schema(TestSchema),
}

impl Place {
    fn url(&self) -> String {
        match self {
            Self::Folder(folder) => format!("sqlite://{}/raconteur.db", folder.path().display()),
            Self::Schema(schema) => schema.url(),
        }
    }
}

/// A clock that stands still until a test moves it.
pub struct StoppedClock(AtomicI64);

impl StoppedClock {
    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Random enough for ids, and the same in every run.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        buffer.fill(0);
        for (byte, count) in buffer.iter_mut().rev().zip(count.to_le_bytes()) {
            *byte = count;
        }
    }
}

impl Ground {
    fn new(place: Place) -> Self {
        let clock = StoppedClock(AtomicI64::new(1_700_000_000_000_000));
        let entropy = Counter::default();
        Self {
            place,
            owner: UserId::new(clock.now(), &entropy),
            thread: ConversationId::new(clock.now(), &entropy),
            clock: Arc::new(clock),
            entropy: Arc::new(entropy),
        }
    }

    fn conversation(&self, id: ConversationId, character: &str) -> Conversation {
        let now = self.clock.now();
        Conversation {
            id,
            owner_id: self.owner,
            character: character.to_owned(),
            persona_id: None,
            title: String::new(),
            created_at: now,
            updated_at: now,
        }
    }
}

impl World {
    pub async fn new() -> Self {
        Self::populated(None, SETTINGS).await
    }

    /// One on Postgres; `None` where the test is skipped, for want of a server.
    pub async fn on_postgres() -> Option<Self> {
        Some(Self::in_place(Place::Schema(TestSchema::create()?), None, SETTINGS).await)
    }

    /// As [`World::on_postgres`] and [`World::thinking_with`].
    pub async fn on_postgres_thinking_with(model: impl ChatModel + 'static) -> Option<Self> {
        Some(Self::in_place(Place::Schema(TestSchema::create()?), Some(Arc::new(model)), SETTINGS).await)
    }

    /// One in which another model than the scripted one does the thinking.
    pub async fn thinking_with(model: impl ChatModel + 'static) -> Self {
        Self::populated(Some(Arc::new(model)), SETTINGS).await
    }

    /// One in which prompts have so many tokens of history at most.
    pub async fn remembering(history_tokens: usize) -> Self {
        Self::populated(None, ChatSettings { history_tokens, ..SETTINGS }).await
    }

    /// The model takes so many tokens, the reply included.
    pub async fn with_context(context_tokens: usize) -> Self {
        Self::populated(None, ChatSettings { context_tokens, max_tokens: 1_024, ..SETTINGS }).await
    }

    /// One that keeps what the model thought.
    pub async fn keeping_reasoning() -> Self {
        Self::populated(None, ChatSettings { keep_reasoning: true, ..SETTINGS }).await
    }

    /// One with other settings.
    pub async fn with_settings(settings: ChatSettings) -> Self {
        Self::populated(None, settings).await
    }

    /// A new server on what another one left.
    pub async fn upon(ground: Ground) -> Self {
        Self::serve(ground, None, SETTINGS).await
    }

    async fn populated(model: Option<Arc<dyn ChatModel>>, settings: ChatSettings) -> Self {
        let place = Place::Folder(tempfile::tempdir().unwrap());
        Self::in_place(place, model, settings).await
    }

    async fn in_place(place: Place, model: Option<Arc<dyn ChatModel>>, settings: ChatSettings) -> Self {
        let world = Self::serve(Ground::new(place), model, settings).await;
        let Ground { owner, thread, clock, .. } = &world.ground;
        let ada = User { id: *owner, email: "ada@example.org".to_owned(), created_at: clock.now() };
        let conversation = world.ground.conversation(*thread, "Wren");
        let email = EmailAddress::parse(&ada.email).unwrap();
        let moved_in = world.db.write(move |tx| {
            tx.insert_user(&ada, &email, Some("a hash"))?;
            tx.insert_conversation(&conversation)
        });
        moved_in.await.unwrap();
        world
    }

    async fn serve(ground: Ground, model: Option<Arc<dyn ChatModel>>, settings: ChatSettings) -> Self {
        let upstream = FakeUpstream::start().await;
        let db = Db::open(&ground.place.url().parse().unwrap(), Pool::default()).unwrap();
        let parts = Parts {
            db: db.clone(),
            personas: Arc::new(Personas::new(vec![wren()])),
            model: model.unwrap_or_else(|| Arc::new(provider(&upstream.base_url()))),
            clock: Arc::clone(&ground.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&ground.entropy) as Arc<dyn Entropy>,
            runtime: Handle::current(),
        };
        let chat = Chat::start(parts, settings).await.unwrap();
        Self { chat, db, upstream, ground }
    }
}

/// A ferrywoman who knows one thing.
fn wren() -> Persona {
    let loaded = Persona::from_files(
        "wren",
        Files {
            persona_yml: Some(format!("name: Wren\ntrouble: ['{TROUBLE}']").as_bytes()),
            style_yml: Some(
                b"system: {ic_template: 'You are {{ name }}.', ooc_template: 'You tell of {{ name }}.'}",
            ),
            kb_jsonl: Some(
                br#"{"id": "bell", "summary": "The drowned bell rings before a storm.", "tags": ["bell"]}"#,
            ),
            ..Files::default()
        },
    );
    assert_eq!(loaded.warnings, []);
    loaded.persona
}

/// One for all tests: reading the machine's certificates takes its time.
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| http_client(&Limits::default()).unwrap());

/// An OpenAI-compatible model at this address, which is asked again without a pause.
pub fn provider(base_url: &str) -> OpenAiModel {
    let limits = Limits { retry_pause: Duration::ZERO, ..Limits::default() };
    let config = OpenAiConfig {
        base_url: base_url.to_owned(),
        api_key: Some("sk-secret".into()),
        model: "test-model".to_owned(),
        others: vec!["another-model".to_owned()],
        limits,
    };
    OpenAiModel::new(CLIENT.clone(), config).unwrap()
}

/// What people do.
impl World {
    /// A prompt for the conversation with Wren, which becomes a message of its own.
    pub fn prompt(&self, prompt: &str) -> Send {
        Send {
            owner: self.ground.owner,
            conversation: self.ground.thread,
            prompt: prompt.to_owned(),
            create_user_message: true,
        }
    }

    pub async fn send(&self, prompt: &str) -> Reader {
        self.try_send(self.prompt(prompt)).await.unwrap()
    }

    /// Sends a prompt that is stored already, or is not to be.
    pub async fn ask_for_answer(&self, prompt: &str) -> Reader {
        self.try_send(Send { create_user_message: false, ..self.prompt(prompt) }).await.unwrap()
    }

    pub async fn try_send(&self, send: Send) -> Result<Reader, ChatError> {
        within("a send to be accepted", self.chat.send(send)).await.map(Reader::new)
    }

    /// Says something that nobody is to answer yet.
    pub async fn say(&self, content: &str) -> Message {
        let Ground { owner, thread, .. } = self.ground;
        self.chat.add_message(owner, thread, content.to_owned(), None).await.unwrap().message
    }

    pub async fn begin_conversation(&self, character: &str) -> ConversationId {
        let id = ConversationId::new(self.ground.clock.now(), &*self.ground.entropy);
        let conversation = self.ground.conversation(id, character);
        self.db.write(move |tx| tx.insert_conversation(&conversation)).await.unwrap();
        id
    }

    /// Asks for another reply in the place of this one.
    pub async fn regenerate(&self, message: MessageId) -> Reader {
        Reader::new(self.chat.regenerate(self.ground.owner, message).await.unwrap())
    }

    /// Asks for more of a reply.
    pub async fn go_on(&self, message: MessageId) -> Reader {
        Reader::new(self.chat.continue_reply(self.ground.owner, message).await.unwrap())
    }

    pub async fn edit(&self, message: MessageId, content: &str) -> Message {
        self.chat.edit(self.ground.owner, message, content.to_owned()).await.unwrap().message
    }

    pub async fn activate(&self, message: MessageId) {
        self.chat.activate(self.ground.owner, message).await.unwrap();
    }

    pub async fn delete_message(&self, message: MessageId) {
        self.chat.delete_message(self.ground.owner, message).await.unwrap();
    }

    pub async fn delete_conversation(&self) {
        self.chat.delete_conversation(self.ground.owner, self.ground.thread).await.unwrap();
    }

    /// Keeps the database from writing anything until the guard is dropped.
    pub async fn hold_the_writer(&self) -> mpsc::Sender<()> {
        let (guard, let_go) = mpsc::channel();
        let (holds, held) = oneshot::channel();
        let db = self.db.clone();
        tokio::spawn(async move {
            let hold = db.write(move |_| {
                let _ = holds.send(());
                let _ = let_go.recv();
                Ok::<_, StorageError>(())
            });
            hold.await
        });
        held.await.unwrap();
        guard
    }
}

/// What the database says.
impl World {
    pub async fn conversation(&self) -> Option<Conversation> {
        let Ground { owner, thread, .. } = self.ground;
        self.db.read(move |tx| tx.conversation(owner, thread)).await.unwrap()
    }

    /// The active path of the conversation with Wren.
    pub async fn messages(&self) -> Vec<Message> {
        let thread = self.ground.thread;
        self.db.read(move |tx| tx.newest_messages(thread, 1_000)).await.unwrap()
    }

    /// Who said what on the active path, such as `user: Aye.`
    pub async fn listed(&self) -> Vec<String> {
        self.messages().await.iter().map(|message| line(message.role.as_str(), &message.content)).collect()
    }

    pub async fn message(&self, id: MessageId) -> Option<Message> {
        self.db.read(move |tx| tx.message(id)).await.unwrap()
    }

    pub async fn generation(&self, id: GenerationId) -> Option<Generation> {
        let owner = self.ground.owner;
        self.db.read(move |tx| tx.generation(owner, id)).await.unwrap()
    }

    /// What was kept of what the model thought.
    pub async fn reasoning(&self, id: GenerationId) -> Option<String> {
        let owner = self.ground.owner;
        self.db.read(move |tx| tx.reasoning(owner, id)).await.unwrap()
    }

    /// Looks until it is so.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) {
        within(what, async { while !is_so(self).await {} }).await;
    }
}

/// What the model was shown.
impl World {
    /// The messages of a request, counted from 0, without the system message, such as `user: Aye.`
    pub async fn shown(&self, request: usize) -> Vec<String> {
        let requests = self.upstream.wait_for_requests(request + 1).await;
        let messages = requests[request].body["messages"].as_array().unwrap();
        let lines = messages
            .iter()
            .map(|message| line(message["role"].as_str().unwrap(), message["content"].as_str().unwrap()));
        lines.filter(|line| !line.starts_with("system: ")).collect()
    }

    /// All system messages of a request, which has to begin with one.
    pub async fn system(&self, request: usize) -> Vec<String> {
        let requests = self.upstream.wait_for_requests(request + 1).await;
        let messages = requests[request].body["messages"].as_array().unwrap();
        assert_eq!(messages[0]["role"], "system");
        let system = messages.iter().filter(|message| message["role"] == "system");
        system.map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    }
}

fn line(role: &str, content: &str) -> String {
    format!("{role}: {content}")
}

/// Waits, and says for what if it was in vain.
pub async fn within<T>(what: &str, event: impl Future<Output = T>) -> T {
    timeout(PATIENCE, event).await.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain for {what}"))
}
