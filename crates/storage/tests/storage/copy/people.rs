//! A database with rows of every sort, whose text something on the way may stumble over.

use std::time::Duration;

use raconteur_domain::{
    ConversationId, Device, GenerationId, Message, MessageId, Outcome, OwnPersona, PageNumber, PageRequest,
    Role, Session, SessionKind, Status, Usage, UserId,
};
use raconteur_storage::{
    Claim, Db, GenerationEnd, Kept, Made, Order, PersonaFiles, Repeatable, StorageError,
};

use crate::world::World;

/// Text that something on the way may stumble over.
pub const ODD: [&str; 9] = [
    "",
    " \t\r\n ",
    "it's \"quoted\", \\N \\. \\\\ and $1 ? %s {}",
    "'); DROP TABLE messages; --",
    "مرحبا \u{202e}sdrawkcab\u{202c} שלום",
    "👩‍👩‍👧‍👦 🏴‍☠️ e\u{301} é \u{feff}\u{200b}",
    "\u{1}\u{1f}\u{7f}\u{85}\u{2028}\u{fffd}\u{fffe}\u{10ffff}",
    "one,two\tthree\nfour\\nfive",
    "null NULL \\x00",
];

/// What is known of the people in a filled world.
pub struct People {
    pub ada: UserId,
    pub thread: ConversationId,
    /// Every message, on the active path or not, of conversations deleted or not. The first one has the key 1, and so on.
    pub messages: Vec<MessageId>,
    pub generations: Vec<GenerationId>,
}

/// Rows of every sort.
pub async fn fill(world: &World) -> People {
    let ada = world.user("Ada+Ünïcode@example.org").await;
    let ben = world.user("ben@example.org").await;
    let thread = world.conversation(ada, ODD[4]).await;
    let mut messages = Vec::new();
    for text in ODD.iter().map(|text| (*text).to_owned()).chain(["long ".repeat(20_000)]) {
        messages.push(world.say_text(ada, thread, text).await);
    }
    let branch = branch_off(world, messages.last().unwrap()).await;
    messages.push(branch);
    let mut generations = Vec::new();
    for (explanation, usage) in [(None, None), (Some(ODD[2]), Some((7, 0)))] {
        let (generation, reply) = world.begin_reply(ada, thread).await;
        world.append(generation, 0, &["Aye, ", "🪙"]).await;
        end(world, generation, explanation, usage).await;
        generations.push(generation);
        messages.push(world.db.read(move |tx| tx.message(reply)).await.unwrap().unwrap());
    }
    let wren = OwnPersona {
        description: Some(ODD[3].to_owned()),
        tags: ODD.iter().map(|text| (*text).to_owned()).collect(),
        picture_type: Some("image/png".to_owned()),
        ..world.persona(ada, "wren")
    };
    let all_bytes: Vec<u8> = (0..=255).collect();
    let files = PersonaFiles { package: all_bytes.clone(), picture: Some(all_bytes) };
    assert_eq!(world.db.write(move |tx| tx.insert_persona(&wren, &files)).await.unwrap(), Kept::Yes);
    let request = Repeatable { owner: ada, key: ODD[5].to_owned(), request: ODD[6].to_owned() };
    let (made, now) = (Made { message: messages[0].id, generation: None }, world.now());
    assert_eq!(world.db.write(move |tx| tx.claim_key(&request, made, now)).await.unwrap(), Claim::First);
    begin_sessions(world, ada, ben).await;
    let deleted = world.conversation(ben, "Bronn").await;
    messages.push(world.say(ben, deleted, "gone soon").await);
    let now = world.now();
    assert!(world.db.write(move |tx| tx.delete_conversation(ben, deleted, now)).await.unwrap());
    People { ada, thread, messages: messages.iter().map(|message| message.id).collect(), generations }
}

/// One session with all that a session may have, and one with nothing but what it has to have.
async fn begin_sessions(world: &World, ada: UserId, ben: UserId) {
    let now = world.now();
    let device =
        Device { user_agent: Some(ODD[4].to_owned()), address: Some("2001:db8::1".parse().unwrap()) };
    let bare = Session {
        id: "6f1ed002-ab55-4598-9014-ebf0951522d9".parse().unwrap(),
        owner_id: ben,
        kind: SessionKind::Token,
        rotation: 0,
        rotated_at: now,
        created_at: now,
        seen_at: now,
        expires_at: now + Duration::from_secs(60),
        revoked_at: None,
        device: Device::default(),
    };
    let full = Session {
        id: "018f4e6a-0a00-7b01-8d11-4c5d6e7f8090".parse().unwrap(),
        owner_id: ada,
        kind: SessionKind::Cookie,
        rotation: 7,
        revoked_at: Some(now),
        device,
        ..bare.clone()
    };
    let work = world.db.write(move |tx| {
        tx.insert_session(&bare)?;
        tx.insert_session(&full)
    });
    work.await.unwrap();
}

/// A sibling takes the place of the message, and has whatever a message may have.
async fn branch_off(world: &World, message: &Message) -> Message {
    let sibling = Message {
        parent_id: message.parent_id,
        depth: message.depth,
        role: Role::Assistant,
        content: "another way".to_owned(),
        spoken_bytes: Some(7),
        meta: Some(r#"{"from": "elsewhere \"\\\""}"#.to_owned()),
        ..world.message(message.owner_id, message.conversation_id, None)
    };
    let written = sibling.clone();
    world
        .db
        .write(move |tx| {
            tx.cut_active_path(sibling.conversation_id, sibling.depth)?;
            tx.insert_message(&sibling)
        })
        .await
        .unwrap();
    written
}

async fn end(world: &World, id: GenerationId, explanation: Option<&str>, usage: Option<(u64, u64)>) {
    let now = world.now();
    let usage = usage.map(|(prompt_tokens, completion_tokens)| Usage { prompt_tokens, completion_tokens });
    let end = GenerationEnd {
        id,
        status: Status::Failed,
        text: "Aye, 🪙 Hells.".to_owned(),
        spoken_bytes: usage.is_some().then_some(9),
        outcome: Outcome {
            finish_reason: usage.is_some().then(|| "stop".to_owned()),
            error_code: usage.is_none().then(|| "model_unreachable".to_owned()),
            usage,
            ttft_ms: usage.map(|_| 12),
            reasoning_tokens: usage.map(|_| 5),
        },
        explanation: explanation.map(str::to_owned),
        reasoning: explanation.map(str::to_uppercase),
        prompt: explanation.map(|_| r#"[{"role": "user", "content": "🪙"}]"#.to_owned()),
    };
    assert!(world.db.write(move |tx| tx.end_generation(&end, now)).await.unwrap());
}

/// All that a server shows of the people.
pub async fn seen(db: &Db, people: &People) -> String {
    let (ada, thread) = (people.ada, people.thread);
    let (messages, generations) = (people.messages.clone(), people.generations.clone());
    db.read(move |tx| {
        let page = PageRequest { number: PageNumber::Number(1), size: 100 };
        let messages: Result<Vec<_>, _> = messages.into_iter().map(|id| tx.message(id)).collect();
        let runs: Result<Vec<_>, _> = generations
            .into_iter()
            .map(|id| {
                let (explanation, reasoning) = (tx.explanation(ada, id)?, tx.reasoning(ada, id)?);
                Ok::<_, StorageError>((tx.generation(ada, id)?, tx.ended(id)?, explanation, reasoning))
            })
            .collect();
        let path = tx.messages(thread, Order::Ascending, page)?.map(|page| page.items);
        let threads = tx.conversations(ada, None, page)?.map(|page| page.items);
        let people = (tx.credentials("ada+ünïcode@example.org")?, tx.credentials("ben@example.org")?);
        Ok::<_, StorageError>(format!("{people:#?} {threads:#?} {path:#?} {:#?} {:#?}", messages?, runs?))
    })
    .await
    .unwrap()
}
