//! What is left of a deleted account.

use std::time::Duration;

use raconteur_domain::{Device, Entropy, Session, SessionId, SessionKind, UserId};
use raconteur_storage::{Made, PersonaFiles, Purge, Repeatable};

use crate::world::{World, on_every_database};

on_every_database! {
    the_rows_of_a_deleted_account_go_and_its_own_is_the_last
    what_is_made_in_an_account_that_ended_goes_with_it
    nobody_elses_rows_go_with_it
}

/// Where rows of people are, but for their own.
const THEIRS: [&str; 6] =
    ["conversations", "messages", "personas", "sessions", "idempotency_keys", "search_texts"];

const AN_HOUR: Duration = Duration::from_secs(3_600);

struct Ones;
impl Entropy for Ones {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(1);
    }
}

impl World {
    /// Somebody who has some of everything.
    async fn person_with_everything(&self, email: &str) -> UserId {
        let owner = self.user(email).await;
        for name in ["Bronn", "Nemo"] {
            let thread = self.conversation(owner, name).await;
            let texts: Vec<String> = (0..4).map(|number| format!("gold, number {number}")).collect();
            self.say_all(owner, thread, &texts).await;
        }
        let made = Made { message: self.message_id(owner).await, generation: None };
        let now = self.now();
        for slug in ["wren", "crow", "owl"] {
            let persona = self.persona(owner, slug);
            let files = PersonaFiles { package: b"all of it".to_vec(), picture: None };
            self.db.write(move |tx| tx.insert_persona(&persona, &files)).await.unwrap();
            let key = Repeatable { owner, key: slug.to_owned(), request: slug.to_owned() };
            self.db.write(move |tx| tx.claim_key(&key, made, now)).await.unwrap();
        }
        let session = Session {
            id: SessionId::new(now, &Ones),
            owner_id: owner,
            kind: SessionKind::Token,
            rotation: 0,
            rotated_at: now,
            created_at: now,
            seen_at: now,
            expires_at: now + AN_HOUR,
            revoked_at: None,
            device: Device::default(),
        };
        self.db.write(move |tx| tx.insert_session(&session)).await.unwrap();
        owner
    }

    async fn message_id(&self, owner: UserId) -> raconteur_domain::MessageId {
        let thread = self.conversation(owner, "Bronn").await;
        self.say(owner, thread, "gold").await.id
    }

    async fn delete(&self, owner: UserId) {
        let now = self.now();
        self.db.write(move |tx| tx.delete_account(owner, now)).await.unwrap();
    }

    /// Does in one go what is done in the background, as late as this.
    async fn clean_up(&self, after: Duration) {
        let now = self.now() + after;
        while self.db.write(move |tx| tx.forget_accounts(now, 2)).await.unwrap() {}
        while self.db.write(|tx| tx.purge(2)).await.unwrap() == Purge::More {}
    }
}

async fn the_rows_of_a_deleted_account_go_and_its_own_is_the_last(world: World) {
    let ada = world.person_with_everything("ada@example.org").await;
    world.delete(ada).await;
    world.clean_up(Duration::ZERO).await;
    assert_eq!((world.count(&THEIRS), world.count(&["users"])), (0, 1));
    assert_eq!(world.db.read(move |tx| tx.credentials_of(ada)).await.unwrap(), None);
    world.clean_up(AN_HOUR).await;
    assert_eq!(world.count(&["users", "search_owners"]), 0);
}

async fn what_is_made_in_an_account_that_ended_goes_with_it(world: World) {
    let ada = world.person_with_everything("ada@example.org").await;
    world.delete(ada).await;
    world.clean_up(Duration::ZERO).await;
    let thread = world.conversation(ada, "Bronn").await;
    world.say(ada, thread, "gold").await;
    world.clean_up(AN_HOUR).await;
    world.clean_up(AN_HOUR).await;
    assert_eq!(world.count(&THEIRS) + world.count(&["users"]), 0);
}

async fn nobody_elses_rows_go_with_it(world: World) {
    let (ada, ben) =
        (world.user("ada@example.org").await, world.person_with_everything("ben@example.org").await);
    let before = world.count(&THEIRS);
    world.delete(ada).await;
    world.clean_up(AN_HOUR).await;
    assert_eq!((world.count(&THEIRS), world.count(&["users"])), (before, 1));
    assert!(world.db.read(move |tx| tx.credentials_of(ben)).await.unwrap().is_some());
}
