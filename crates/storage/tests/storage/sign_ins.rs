//! Sign-ins that fail.

use std::time::Duration;

use raconteur_domain::Timestamp;

use crate::world::{World, on_every_database};

on_every_database! {
    so_many_may_fail_and_the_next_is_told_when_to_come_back
    whoever_signs_in_begins_anew
    of_many_at_once_no_more_are_let_through
    what_is_counted_no_more_is_removed
}

const A_MINUTE: Duration = Duration::from_secs(60);

impl World {
    async fn fail(&self, key: &'static str, now: Timestamp) -> Option<Timestamp> {
        self.db.write(move |tx| tx.count_failure(key, 2, now)).await.unwrap()
    }
}

async fn so_many_may_fail_and_the_next_is_told_when_to_come_back(world: World) {
    let start = world.now();
    let later = start + Duration::from_secs(20);
    assert_eq!(world.fail("ada", start).await, None);
    assert_eq!(world.fail("ada", later).await, None);
    for _ in 0..2 {
        assert_eq!(world.fail("ada", later).await, Some(start + A_MINUTE));
    }
    assert_eq!(world.fail("ben", later).await, None);
    for _ in 0..2 {
        assert_eq!(world.fail("ada", start + A_MINUTE).await, None);
    }
    assert_eq!(world.fail("ada", start + A_MINUTE).await, Some(start + A_MINUTE + A_MINUTE));
}

async fn whoever_signs_in_begins_anew(world: World) {
    let now = world.now();
    for _ in 0..3 {
        world.fail("ada", now).await;
        world.fail("ben", now).await;
    }
    world.db.write(|tx| tx.forget_failures("ada")).await.unwrap();
    assert_eq!(world.fail("ada", now).await, None);
    assert!(world.fail("ben", now).await.is_some());
}

async fn of_many_at_once_no_more_are_let_through(world: World) {
    let now = world.now();
    let fail = || world.fail("ada", now);
    let tried = tokio::join!(fail(), fail(), fail(), fail(), fail(), fail());
    let tried = [tried.0, tried.1, tried.2, tried.3, tried.4, tried.5];
    assert_eq!(tried.iter().filter(|wait| wait.is_none()).count(), 2);
}

async fn what_is_counted_no_more_is_removed(world: World) {
    let start = world.now();
    for key in ["ada", "ben", "eve"] {
        world.fail(key, start).await;
    }
    world.fail("mia", start + Duration::from_secs(1)).await;
    let then = start + A_MINUTE;
    while world.db.write(move |tx| tx.forget_old_failures(then, 2)).await.unwrap() {}
    assert_eq!(world.count(&["sign_in_failures"]), 1);
}
