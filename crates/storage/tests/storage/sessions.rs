//! Sessions, as they are recorded.

use std::net::IpAddr;
use std::sync::mpsc;
use std::time::Duration;

use raconteur_domain::limits::USER_AGENT_MAX_CHARS;
use raconteur_domain::{
    Device, Entropy, PageNumber, PageRequest, Session, SessionId, SessionKind, Timestamp, UserId,
};
use raconteur_storage::StorageError;

use crate::world::{World, on_every_database};

on_every_database! {
    a_session_is_as_it_was_written_and_changed
    a_session_that_is_there_is_not_written_again
    sessions_are_listed_with_the_last_seen_first
    a_person_revokes_only_their_own
    all_are_revoked_but_one_and_what_was_before_them
    sessions_that_have_expired_are_removed_and_no_others
    sessions_outlive_a_restart
}

const HOUR: Duration = Duration::from_secs(3_600);

struct Numbered(u8);
impl Entropy for Numbered {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn session(owner_id: UserId, number: u8, now: Timestamp) -> Session {
    Session {
        id: SessionId::new(now, &Numbered(number)),
        owner_id,
        kind: SessionKind::Token,
        rotation: 0,
        rotated_at: now,
        created_at: now,
        seen_at: now,
        expires_at: now + HOUR,
        revoked_at: None,
        device: Device::default(),
    }
}

impl World {
    /// A session that begins now.
    async fn begin(&self, owner: UserId, number: u8) -> Session {
        let session = session(owner, number, self.now());
        self.record(&session).await;
        session
    }

    async fn record(&self, session: &Session) {
        let session = session.clone();
        self.db.write(move |tx| tx.insert_session(&session)).await.unwrap();
    }

    async fn recorded(&self, id: SessionId) -> Option<Session> {
        self.db.read(move |tx| tx.session(id)).await.unwrap()
    }

    async fn open_sessions(&self, owner: UserId, now: Timestamp) -> Vec<SessionId> {
        let page = PageRequest { number: PageNumber::Number(1), size: 100 };
        let page = self.db.read(move |tx| tx.sessions(owner, now, page)).await.unwrap().unwrap();
        assert_eq!(page.count, page.items.len() as u64);
        page.items.into_iter().map(|session| session.id).collect()
    }

    async fn epoch(&self, user: UserId) -> i64 {
        self.db.read(move |tx| tx.credentials_of(user)).await.unwrap().unwrap().token_epoch
    }
}

async fn a_session_is_as_it_was_written_and_changed(world: World) {
    let ada = world.user("ada@example.org").await;
    let first = world.begin(ada, 1).await;
    assert_eq!(world.recorded(first.id).await.as_ref(), Some(&first));
    let addresses: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
    for (kind, address) in [SessionKind::Rotating, SessionKind::Cookie].into_iter().zip(addresses) {
        let now = world.now();
        let changed = Session {
            kind,
            rotation: 1 << 40,
            rotated_at: now,
            seen_at: now,
            expires_at: now + HOUR,
            revoked_at: Some(now),
            device: Device { user_agent: Some("🦊".repeat(USER_AGENT_MAX_CHARS)), address: Some(address) },
            ..first.clone()
        };
        let written = changed.clone();
        let before = world
            .db
            .write(move |tx| {
                let before = tx.session_to_change(written.id)?;
                tx.change_session(&written)?;
                Ok::<_, StorageError>(before)
            })
            .await
            .unwrap();
        assert_eq!(before.map(|before| before.id), Some(first.id));
        assert_eq!(world.recorded(first.id).await, Some(changed));
    }
    // What is no longer there is gone from the row as well.
    let written = first.clone();
    world.db.write(move |tx| tx.change_session(&written)).await.unwrap();
    assert_eq!(world.recorded(first.id).await, Some(first));
}

async fn a_session_that_is_there_is_not_written_again(world: World) {
    let ada = world.user("ada@example.org").await;
    let first = world.begin(ada, 1).await;
    world.record(&Session { rotation: 7, ..first.clone() }).await;
    assert_eq!(world.recorded(first.id).await, Some(first));
}

async fn sessions_are_listed_with_the_last_seen_first(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let now = world.now();
    let at = move |minutes: u64| now + Duration::from_secs(60 * minutes);
    let mut all = Vec::new();
    for (number, seen) in [(1, 1), (2, 3), (3, 2)] {
        all.push(Session { seen_at: at(seen), ..session(ada, number, now) });
    }
    let revoked = Session { revoked_at: Some(now), ..session(ada, 4, now) };
    let expired = Session { expires_at: at(5), ..session(ada, 5, now) };
    for session in all.iter().chain([&revoked, &expired, &session(ben, 6, now)]) {
        world.record(session).await;
    }
    let ids = [all[1].id, all[2].id, all[0].id];
    assert_eq!(world.open_sessions(ada, at(5)).await, ids);
    let page = PageRequest { number: PageNumber::Last, size: 2 };
    let last = world.db.read(move |tx| tx.sessions(ada, at(5), page)).await.unwrap().unwrap();
    assert_eq!((last.items[0].id, last.items.len(), last.count, last.span.pages), (ids[2], 1, 3, 2));
    let beyond = PageRequest { number: PageNumber::Number(3), size: 2 };
    assert_eq!(world.db.read(move |tx| tx.sessions(ada, at(5), beyond)).await.unwrap(), None);
}

async fn a_person_revokes_only_their_own(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let (first, second) = (world.begin(ada, 1).await, world.begin(ada, 2).await);
    let now = world.now();
    let revoke = async |owner, session: &Session, now| {
        let id = session.id;
        world.db.write(move |tx| tx.revoke_session(owner, id, now)).await.unwrap()
    };
    assert!(!revoke(ben, &first, now).await);
    assert!(revoke(ada, &first, now).await);
    assert!(!revoke(ada, &first, world.now()).await, "it is revoked already");
    assert!(!revoke(ada, &second, second.expires_at).await, "it has expired");
    assert_eq!(world.recorded(first.id).await.unwrap().revoked_at, Some(now), "once");
    assert_eq!(world.open_sessions(ada, now).await, [second.id]);
}

async fn all_are_revoked_but_one_and_what_was_before_them(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let (kept, other) = (world.begin(ada, 1).await, world.begin(ada, 2).await);
    let of_ben = world.begin(ben, 3).await;
    let now = world.now();
    world.db.write(move |tx| tx.revoke_sessions(ada, Some(kept.id), now)).await.unwrap();
    assert_eq!(world.open_sessions(ada, now).await, [kept.id]);
    assert_eq!((world.epoch(ada).await, world.epoch(ben).await), (1, 0));
    let later = world.now();
    world.db.write(move |tx| tx.revoke_sessions(ada, None, later)).await.unwrap();
    assert_eq!(world.open_sessions(ada, later).await, []);
    assert_eq!(world.recorded(other.id).await.unwrap().revoked_at, Some(now), "once");
    assert_eq!(world.open_sessions(ben, later).await, [of_ben.id]);
}

async fn sessions_that_have_expired_are_removed_and_no_others(world: World) {
    let ada = world.user("ada@example.org").await;
    let now = world.now();
    for number in 1..4 {
        world.record(&session(ada, number, now)).await;
    }
    let revoked = Session { revoked_at: Some(now), expires_at: now + 2 * HOUR, ..session(ada, 4, now) };
    world.record(&revoked).await;
    let forget = |now, limit| world.db.write(move |tx| tx.forget_sessions(now, limit));
    let nearly = now + (HOUR - Duration::from_micros(1));
    assert!(!forget(nearly, 9).await.unwrap());
    assert!(forget(now + HOUR, 2).await.unwrap() && forget(now + HOUR, 2).await.unwrap());
    assert!(!forget(now + HOUR, 2).await.unwrap());
    assert!(world.recorded(revoked.id).await.is_some(), "it may not be made again until then");
    assert_eq!(world.place().count(&["sessions"]), 1);
}

async fn sessions_outlive_a_restart(world: World) {
    let ada = world.user("ada@example.org").await;
    let first = world.begin(ada, 1).await;
    let world = world.reopen().await;
    assert_eq!(world.recorded(first.id).await, Some(first));
}

/// Somebody signs in with a password that is just being changed. Whichever comes first, no session is left of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_begins_while_all_are_revoked_is_revoked_too() {
    let Some(world) = World::on_postgres().await else { return };
    let ada = world.user("ada@example.org").await;
    let (begun, now) = (session(ada, 1, world.now()), world.now());
    let (held, is_held) = mpsc::channel();
    let (done, is_done) = mpsc::channel();
    let signing_in = world.db.write(move |tx| {
        tx.held_credentials(ada)?;
        held.send(()).unwrap();
        // Who revokes waits for this one; if nobody did, the session below would be left.
        let overtaken = is_done.recv_timeout(Duration::from_millis(300));
        tx.insert_session(&begun)?;
        Ok::<_, StorageError>(overtaken.is_ok())
    });
    let revoking = async {
        tokio::task::spawn_blocking(move || is_held.recv().unwrap()).await.unwrap();
        world.db.write(move |tx| tx.revoke_sessions(ada, None, now)).await.unwrap();
        let _ = done.send(());
    };
    let (overtaken, ()) = tokio::join!(signing_in, revoking);
    assert!(!overtaken.unwrap());
    assert_eq!(world.open_sessions(ada, now).await, []);
}
