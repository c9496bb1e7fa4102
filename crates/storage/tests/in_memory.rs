//! A database that is kept in memory alone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use futures_util::future::join_all;
use raconteur_domain::{
    Conversation, ConversationId, EmailAddress, Entropy, Generation, GenerationId, Message, MessageId,
    Outcome, Role, Status, Timestamp, User, UserId,
};
use raconteur_storage::{Chunk, DatabaseUrl, Db, StorageError};

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

struct Fill(u8);

impl Entropy for Fill {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

/// A conversation with a reply that runs.
async fn begin(db: &Db) -> (ConversationId, GenerationId) {
    let email = EmailAddress::of_this_machine("terminal");
    let user = User { id: UserId::new(NOW, &Fill(1)), email: email.as_typed().to_owned(), created_at: NOW };
    let conversation = Conversation {
        id: ConversationId::new(NOW, &Fill(2)),
        owner_id: user.id,
        character: "Bronn".to_owned(),
        title: String::new(),
        created_at: NOW,
        updated_at: NOW,
    };
    let generation = Generation {
        id: GenerationId::new(NOW, &Fill(3)),
        owner_id: user.id,
        conversation_id: conversation.id,
        message_id: MessageId::new(NOW, &Fill(4)),
        model: "offline".to_owned(),
        status: Status::Running,
        created_at: NOW,
        outcome: Outcome::default(),
    };
    let reply = Message {
        id: generation.message_id,
        owner_id: user.id,
        conversation_id: conversation.id,
        parent_id: None,
        depth: 0,
        active: true,
        role: Role::Assistant,
        content: String::new(),
        status: Status::Running,
        spoken_bytes: None,
        generation_id: Some(generation.id),
        meta: None,
        created_at: NOW,
    };
    let ids = (conversation.id, generation.id);
    db.write(move |tx| {
        assert!(tx.insert_user(&user, &email, None)?);
        tx.insert_conversation(&conversation)?;
        tx.insert_message(&reply)?;
        tx.insert_generation(&generation)
    })
    .await
    .unwrap();
    ids
}

/// There is no write-ahead log in memory, so readers and the writer keep each other waiting; none may be refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_beside_the_writer_only_wait() {
    let db = Db::in_memory().unwrap();
    let (thread, generation_id) = begin(&db).await;
    let writes = join_all(
        (0..200)
            .map(|seq| db.append(Chunk { generation_id, seq, text: "word ".to_owned(), lengths: vec![5] })),
    );
    let renames = join_all((0..200).map(|second| {
        let now = Timestamp::from_micros(NOW.as_micros() + second);
        db.write(move |tx| tx.touch_conversation(thread, now))
    }));
    let reads = join_all((0..200).map(|_| {
        db.read(move |tx| {
            Ok::<_, StorageError>((tx.newest_messages(thread, 9)?, tx.anybodys_conversation(thread)?))
        })
    }));
    let (writes, renames, reads) = tokio::join!(writes, renames, reads);
    for result in writes.into_iter().chain(renames) {
        result.unwrap();
    }
    for read in reads {
        assert_eq!(read.unwrap().0.len(), 1);
    }
    let listed = db.read(move |tx| tx.newest_messages(thread, 9)).await.unwrap();
    assert_eq!(listed[0].content, "word ".repeat(200));
}

#[tokio::test]
async fn each_is_a_database_of_its_own_and_ready() {
    let (one, other) = (Db::in_memory().unwrap(), Db::in_memory().unwrap());
    let (thread, _) = begin(&one).await;
    assert!(one.is_ready().await.unwrap());
    assert!(one.read(move |tx| tx.anybodys_conversation(thread)).await.unwrap().is_some());
    assert_eq!(other.read(move |tx| tx.anybodys_conversation(thread)).await.unwrap(), None);
}

#[test]
fn no_setting_can_name_one() {
    for url in
        ["sqlite://file:/raconteur-0?vfs=memdb", "sqlite:///raconteur-0?vfs=memdb", "sqlite://:memory:"]
    {
        assert!(url.parse::<DatabaseUrl>().is_err(), "{url}");
    }
}
