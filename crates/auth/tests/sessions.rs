//! How sessions go on: by examples, and whatever happens to two tabs, their answers, the clock and a thief.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use raconteur_auth::{EarlierSignIn, GRACE, LONGEST_SESSION, Refusal, SessionRules, UsedToken};
use raconteur_domain::{Device, Entropy, Session, SessionId, SessionKind, Timestamp, UserId};

struct Sevens;
impl Entropy for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
const LIFETIME: Duration = Duration::from_secs(14 * 24 * 3_600);
const RULES: SessionRules = SessionRules::new(LIFETIME);

fn at(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

fn days(days: u64) -> Timestamp {
    at(days * 24 * 3_600)
}

fn session(kind: SessionKind) -> Session {
    let (id, ada) = (SessionId::new(START, &Sevens), UserId::new(START, &Sevens));
    RULES.begin(id, ada, kind, Device::default(), START)
}

fn token(session: &Session, rotation: u64) -> UsedToken {
    UsedToken { user: session.owner_id, session: session.id, rotation, earlier: None }
}

/// Uses this token of a session.
fn used(session: &Session, rotation: u64, now: Timestamp) -> Result<Session, Refusal> {
    RULES.refresh(session, &token(session, rotation), false, now)
}

fn is_replayed(result: &Result<Session, Refusal>) -> bool {
    matches!(result, Err(Refusal::Replayed(session)) if session.revoked_at.is_some())
}

#[test]
fn a_token_that_does_not_rotate_goes_on_until_it_expires() {
    let mut ada = session(SessionKind::Token);
    for day in 0..14 {
        ada = used(&ada, 0, days(day)).unwrap();
        assert_eq!((ada.kind, ada.rotation, ada.seen_at), (SessionKind::Token, 0, days(day)));
    }
    assert_eq!(ada.expires_at, days(14));
    assert_eq!(used(&ada, 0, days(14)), Err(Refusal::Ended));
}

#[test]
fn a_client_that_wants_it_rotates_from_then_on() {
    let ada = session(SessionKind::Token);
    let ada = RULES.refresh(&ada, &token(&ada, 0), true, at(10)).unwrap();
    assert_eq!((ada.kind, ada.rotation, ada.expires_at), (SessionKind::Rotating, 1, at(10) + LIFETIME));
    // Whether it says so again or not.
    let ada = used(&ada, 1, at(20)).unwrap();
    let ada = RULES.refresh(&ada, &token(&ada, 2), true, at(30)).unwrap();
    assert_eq!((ada.kind, ada.rotation), (SessionKind::Rotating, 3));
    assert!(is_replayed(&used(&ada, 0, at(30))));
}

#[test]
fn the_token_just_used_gives_the_same_successor_for_a_minute() {
    let ada = used(&session(SessionKind::Cookie), 0, START).unwrap();
    for now in [START, at(30), START + GRACE] {
        let again = used(&ada, 0, now).unwrap();
        assert_eq!(again, Session { seen_at: now, ..ada.clone() });
    }
    assert!(is_replayed(&used(&ada, 0, START + GRACE + Duration::from_micros(1))));
}

#[test]
fn once_the_successor_is_used_the_token_before_it_revokes_the_session() {
    let ada = used(&session(SessionKind::Rotating), 0, START).unwrap();
    let ada = used(&ada, 1, at(1)).unwrap();
    let Err(Refusal::Replayed(revoked)) = used(&ada, 0, at(2)) else { panic!("it was used before") };
    assert_eq!(*revoked, Session { revoked_at: Some(at(2)), ..ada.clone() });
    for rotation in 0..4 {
        assert_eq!(used(&revoked, rotation, at(2)), Err(Refusal::Ended));
    }
    // A token that was never made comes from another time: the database was put back.
    assert!(is_replayed(&used(&ada, 3, at(2))));
}

#[test]
fn a_session_that_is_used_goes_on_for_ninety_days_and_no_longer() {
    let mut ada = session(SessionKind::Cookie);
    for day in (13..90).step_by(13) {
        ada = used(&ada, ada.rotation, days(day)).unwrap();
    }
    assert_eq!(ada.expires_at, START + LONGEST_SESSION);
    assert_eq!(used(&ada, ada.rotation, days(90)), Err(Refusal::Ended));
    // What is set to be longer than that is.
    let rules = SessionRules::new(LONGEST_SESSION * 2);
    let long = Session { expires_at: days(180), ..session(SessionKind::Cookie) };
    assert_eq!(rules.refresh(&long, &token(&long, 0), false, days(100)).unwrap().expires_at, days(180));
}

#[test]
fn a_token_of_somebody_else_is_none() {
    let ada = session(SessionKind::Rotating);
    let ben = UsedToken { user: UserId::new(days(1), &Sevens), ..token(&ada, 0) };
    assert_eq!(RULES.refresh(&ada, &ben, false, START), Err(Refusal::Ended));
}

#[test]
fn a_sign_in_from_before_there_were_sessions_becomes_one_that_expires_with_its_token() {
    let earlier = EarlierSignIn { epoch: 0, signed_in_at: START, expires_at: days(3) };
    let used_token = UsedToken { earlier: Some(earlier), ..token(&session(SessionKind::Token), 0) };
    let ada = RULES.take_over(&used_token, earlier, Device::default(), days(2));
    assert_eq!((ada.id, ada.kind, ada.rotation), (used_token.session, SessionKind::Token, 0));
    assert_eq!((ada.created_at, ada.seen_at, ada.expires_at), (START, days(2), days(3)));
    assert!(RULES.refresh(&ada, &used_token, false, days(2)).is_ok());
    assert_eq!(RULES.refresh(&ada, &used_token, false, days(3)), Err(Refusal::Ended));
}

/// What happens, in any order.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Somebody uses the newest token that they have; whether the answer arrives.
    Use(Who, bool),
    /// The thief copies the newest token of the owner's.
    Steal,
    /// So many seconds go by.
    Wait(u64),
    /// The server's clock is set back by so many seconds.
    SetBack(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// One of the owner's tabs, which keep their tokens in one place.
    Owner,
    Thief,
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => any::<bool>().prop_map(|arrives| Event::Use(Who::Owner, arrives)),
        3 => any::<bool>().prop_map(|arrives| Event::Use(Who::Thief, arrives)),
        1 => Just(Event::Steal),
        4 => prop_oneof![0_u64..=75, 0_u64..=2_000].prop_map(Event::Wait),
        1 => (0_u64..=5_000).prop_map(Event::SetBack),
    ]
}

/// Somebody with a token, and when an answer to it was first lost, in seconds that nobody sets back.
#[derive(Clone, Copy, Debug, Default)]
struct Holder {
    token: u64,
    lost_at: Option<u64>,
}

/// A session, and those who have tokens of it.
struct World {
    session: Session,
    owner: Holder,
    thief: Option<Holder>,
    clock: u64,
    /// How much time has gone by, whatever the clock says.
    passed: u64,
    thief_has_used_one: bool,
}

impl World {
    fn new() -> Self {
        Self {
            session: session(SessionKind::Rotating),
            owner: Holder::default(),
            thief: None,
            clock: 1_000_000,
            passed: 0,
            thief_has_used_one: false,
        }
    }

    /// Whether what somebody does is what this test promises something about: the owner repeats a token whose answer was
    /// lost within a minute, or gives up.
    fn would(&self, who: Who) -> bool {
        who == Who::Thief || self.owner.lost_at.is_none_or(|lost| self.passed - lost <= GRACE.as_secs())
    }

    fn happen(&mut self, event: Event) -> Option<Result<Session, Refusal>> {
        match event {
            Event::Wait(seconds) => {
                self.clock += seconds;
                self.passed += seconds;
                None
            }
            Event::SetBack(seconds) => {
                self.clock -= seconds.min(self.clock - 900_000);
                None
            }
            Event::Steal => {
                self.thief = Some(Holder { lost_at: None, ..self.owner });
                None
            }
            Event::Use(who, arrives) if self.would(who) => self.is_used_by(who, arrives),
            Event::Use(..) => None,
        }
    }

    fn is_used_by(&mut self, who: Who, arrives: bool) -> Option<Result<Session, Refusal>> {
        let mut holder = if who == Who::Owner { self.owner } else { self.thief? };
        self.thief_has_used_one |= who == Who::Thief;
        let result = used(&self.session, holder.token, at(self.clock));
        match &result {
            Ok(session) if arrives => holder = Holder { token: session.rotation, lost_at: None },
            Ok(_) => holder.lost_at = Some(holder.lost_at.unwrap_or(self.passed)),
            Err(_) => {}
        }
        match &result {
            Ok(session) => self.session = session.clone(),
            Err(Refusal::Replayed(session)) => self.session = (**session).clone(),
            Err(Refusal::Ended) => {}
        }
        *(if who == Who::Owner { &mut self.owner } else { self.thief.as_mut()? }) = holder;
        Some(result)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The promise to the owner: lost answers, tabs and clocks that are set back sign nobody out.
    #[test]
    fn nobody_is_signed_out_before_a_thief_has_used_a_token(events in vec(any_event(), 0..60)) {
        let mut world = World::new();
        for event in events {
            let result = world.happen(event);
            if !world.thief_has_used_one {
                prop_assert!(!matches!(result, Some(Err(_))), "{result:?} after {event:?}");
            }
        }
    }

    /// Two tabs that ask at the same moment get the same token, whichever of them is answered.
    #[test]
    fn tabs_that_ask_at_once_get_the_same_token(tabs in 2_usize..6, apart in 0_u64..=60, kept in any::<bool>()) {
        let mut world = World::new();
        if kept {
            world.happen(Event::Use(Who::Owner, true));
        }
        let (token, mut seen) = (world.owner.token, Vec::new());
        for tab in 0..tabs {
            // All of them within the minute.
            let now = at(world.clock + apart * tab as u64 / tabs as u64);
            world.session = used(&world.session, token, now).unwrap();
            seen.push(world.session.rotation);
        }
        prop_assert!(seen.iter().all(|rotation| *rotation == token + 1), "{seen:?}");
    }

    /// The promise against the thief: once both have used the same token, more than a minute apart as the clock tells,
    /// the session is revoked, whatever else happens.
    #[test]
    fn a_token_that_both_use_revokes_the_session(events in vec(any_event(), 0..60)) {
        let mut world = World::new();
        let mut uses: Vec<(Who, u64, u64)> = Vec::new();
        // Where the clock is set back, a minute is longer.
        for event in events.into_iter().filter(|event| !matches!(event, Event::SetBack(_))) {
            let token = match event {
                Event::Use(Who::Owner, _) => Some((Who::Owner, world.owner.token)),
                Event::Use(Who::Thief, _) => world.thief.map(|thief| (Who::Thief, thief.token)),
                _ => None,
            };
            if let (Some(_), Some((who, token))) = (world.happen(event), token) {
                uses.push((who, token, world.clock));
            }
        }
        let both = uses.iter().any(|(who, token, time)| {
            uses.iter().any(|(other, same, later)| who != other && token == same && time + 60 < *later)
        });
        prop_assert!(!both || world.session.revoked_at.is_some(), "{uses:?}");
    }

    /// And then no token of it is good, whoever has it.
    #[test]
    fn whoever_comes_second_ends_it_for_both(
        before in vec((any::<bool>(), 0_u64..=7), 0..8),
        thief_first in any::<bool>(),
        uses in 1_usize..4,
        apart in 61_u64..=100_000,
    ) {
        let mut world = World::new();
        for (arrives, pause) in before {
            world.happen(Event::Use(Who::Owner, arrives));
            world.happen(Event::Wait(pause));
        }
        // Whoever waits for an answer repeats the question first: a token is stolen that nobody has used yet.
        world.happen(Event::Use(Who::Owner, true));
        world.happen(Event::Steal);
        let (first, second) = if thief_first { (Who::Thief, Who::Owner) } else { (Who::Owner, Who::Thief) };
        for _ in 0..uses {
            prop_assert!(world.happen(Event::Use(first, true)).unwrap().is_ok());
        }
        world.happen(Event::Wait(apart));
        prop_assert!(is_replayed(&world.happen(Event::Use(second, true)).unwrap()));
        for who in [first, second] {
            prop_assert_eq!(world.happen(Event::Use(who, true)).unwrap(), Err(Refusal::Ended));
        }
    }
}
