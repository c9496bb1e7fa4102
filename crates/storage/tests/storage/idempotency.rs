//! Keys under which a request may be repeated.

use std::time::Duration;

use raconteur_domain::limits::IDEMPOTENCY_LIFETIME;
use raconteur_domain::{Timestamp, UserId};
use raconteur_storage::{Claim, Made, Repeatable, StorageError};

use crate::world::{World, on_every_database};

on_every_database! {
    a_request_is_first_once_and_repeated_from_then_on
    another_request_does_not_get_the_key
    everybody_has_keys_of_their_own
    a_key_belongs_to_nobody_whose_work_was_undone
    of_many_who_ask_at_once_one_is_first
    a_key_is_free_again_after_a_day
    keys_that_have_had_their_day_are_removed_and_no_others
    keys_outlive_a_restart
}

fn request(owner: UserId, key: &str, request: &str) -> Repeatable {
    Repeatable { owner, key: key.to_owned(), request: request.to_owned() }
}

impl World {
    async fn made(&self, owner: UserId) -> Made {
        let thread = self.conversation(owner, "Bronn").await;
        let (generation, message) = self.begin_reply(owner, thread).await;
        Made { message, generation: Some(generation) }
    }

    async fn claim(&self, repeatable: Repeatable, made: Made, now: Timestamp) -> Claim {
        self.db.write(move |tx| tx.claim_key(&repeatable, made, now)).await.unwrap()
    }
}

async fn a_request_is_first_once_and_repeated_from_then_on(world: World) {
    let ada = world.user("ada@example.org").await;
    let (first, second) = (world.made(ada).await, world.made(ada).await);
    assert_eq!(world.claim(request(ada, "k", "gold?"), first, world.now()).await, Claim::First);
    assert_eq!(world.claim(request(ada, "k", "gold?"), second, world.now()).await, Claim::Repeated(first));
    let without_reply = Made { generation: None, ..second };
    assert_eq!(world.claim(request(ada, "l", "gold?"), without_reply, world.now()).await, Claim::First);
    assert_eq!(
        world.claim(request(ada, "l", "gold?"), first, world.now()).await,
        Claim::Repeated(without_reply)
    );
}

async fn another_request_does_not_get_the_key(world: World) {
    let ada = world.user("ada@example.org").await;
    let made = world.made(ada).await;
    assert_eq!(world.claim(request(ada, "k", "gold?"), made, world.now()).await, Claim::First);
    for other in ["silver?", "gold? ", "", "k"] {
        assert_eq!(
            world.claim(request(ada, "k", other), made, world.now()).await,
            Claim::Another,
            "{other:?}"
        );
    }
}

async fn everybody_has_keys_of_their_own(world: World) {
    let (ada, bob) = (world.user("ada@example.org").await, world.user("bob@example.org").await);
    let made = world.made(ada).await;
    for owner in [ada, bob] {
        for key in ["k", "K", "kk"] {
            assert_eq!(world.claim(request(owner, key, "gold?"), made, world.now()).await, Claim::First);
        }
    }
}

async fn a_key_belongs_to_nobody_whose_work_was_undone(world: World) {
    let ada = world.user("ada@example.org").await;
    let (made, now) = (world.made(ada).await, world.now());
    let undone = world.db.write(move |tx| {
        assert_eq!(tx.claim_key(&request(ada, "k", "gold?"), made, now)?, Claim::First);
        Err::<(), _>(StorageError::Busy)
    });
    undone.await.unwrap_err();
    assert_eq!(world.claim(request(ada, "k", "silver?"), made, world.now()).await, Claim::First);
}

async fn of_many_who_ask_at_once_one_is_first(world: World) {
    let ada = world.user("ada@example.org").await;
    let mut made = Vec::new();
    for _ in 0..20 {
        made.push(world.made(ada).await);
    }
    let claims = made.iter().map(|made| world.claim(request(ada, "k", "gold?"), *made, world.now()));
    let claims = futures_util::future::join_all(claims).await;
    let first = claims.iter().position(|claim| *claim == Claim::First).unwrap();
    for (place, claim) in claims.iter().enumerate() {
        let expected = if place == first { Claim::First } else { Claim::Repeated(made[first]) };
        assert_eq!(*claim, expected);
    }
}

async fn a_key_is_free_again_after_a_day(world: World) {
    let ada = world.user("ada@example.org").await;
    let (made, now) = (world.made(ada).await, world.now());
    let later = |less: Duration| now + (IDEMPOTENCY_LIFETIME - less);
    assert_eq!(world.claim(request(ada, "k", "gold?"), made, now).await, Claim::First);
    let nearly = later(Duration::from_micros(1));
    assert_eq!(world.claim(request(ada, "k", "silver?"), made, nearly).await, Claim::Another);
    assert_eq!(world.claim(request(ada, "k", "silver?"), made, later(Duration::ZERO)).await, Claim::First);
}

async fn keys_that_have_had_their_day_are_removed_and_no_others(world: World) {
    let ada = world.user("ada@example.org").await;
    let (made, now) = (world.made(ada).await, world.now());
    for key in ["a", "b", "c"] {
        world.claim(request(ada, key, "gold?"), made, now).await;
    }
    let day = now + IDEMPOTENCY_LIFETIME;
    world.claim(request(ada, "late", "gold?"), made, day).await;
    let forget = |limit| world.db.write(move |tx| tx.forget_keys(day, limit));
    assert!(forget(2).await.unwrap() && forget(2).await.unwrap());
    assert!(!forget(2).await.unwrap());
    assert_eq!(world.claim(request(ada, "late", "gold?"), made, day).await, Claim::Repeated(made));
}

async fn keys_outlive_a_restart(world: World) {
    let ada = world.user("ada@example.org").await;
    let made = world.made(ada).await;
    world.claim(request(ada, "k", "gold?"), made, world.now()).await;
    let world = world.reopen().await;
    assert_eq!(world.claim(request(ada, "k", "gold?"), made, world.now()).await, Claim::Repeated(made));
}
