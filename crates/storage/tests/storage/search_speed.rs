//! How fast a search is, beside the plain ways to do it.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures")]

use std::path::PathBuf;
use std::time::Instant;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, SqliteConnection};
use raconteur_domain::{ConversationId, Message, UserId};
use raconteur_storage::{ReadTx, StorageError};

use crate::world::{Place, World};

/// How many messages there are in the end, whose: one person's that has many, and the others' in equal parts.
const MESSAGES: usize = 1_000_000;
const PEOPLE: usize = 1_000;
const HEAVY: usize = 100_000;

/// How many messages a conversation has.
const THREAD: usize = 100;

/// How many words of a kind are sought, and how often each.
const WORDS: usize = 20;
const ROUNDS: usize = 100;

const LIMIT: usize = 20;

/// Not a test but a measurement (`just bench-search`), on SQLite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures"]
async fn how_fast_a_search_on_sqlite_is() {
    // Writing a million messages takes a while: they may be kept for the next run.
    let folder = std::env::var_os("BENCH_FOLDER").map(PathBuf::from);
    measure(async |people| match &folder {
        Some(folder) => Some(World::in_folder(&folder.join(people.to_string())).await),
        None => Some(World::on_sqlite().await),
    })
    .await;
}

/// The same on Postgres.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures"]
async fn how_fast_a_search_on_postgres_is() {
    measure(async |_| World::on_postgres().await).await;
}

async fn measure(new_world: impl AsyncFn(usize) -> Option<World>) {
    let scale: usize = std::env::var("BENCH_SCALE").map_or(1, |scale| scale.parse().unwrap());
    // A tenth of the other people, and all of them.
    for people in [PEOPLE / 10, PEOPLE] {
        let Some(world) = new_world(people).await else { return };
        let (heavy, each) = (HEAVY / scale, (MESSAGES - HEAVY) / (PEOPLE - 1) / scale);
        let (mut speech, mut persons, begun) = (Speech::new(), Vec::new(), Instant::now());
        if let Place::Schema(schema) = world.place() {
            // Made of everything at once, when it is there.
            schema.execute("DROP INDEX search_texts_by_gram");
        }
        for number in 0..people {
            let size = if number == 0 { heavy } else { each };
            persons.push(Person::settle(&world, &mut speech, number, size).await);
        }
        let world = world.reopen().await;
        if let Place::Schema(schema) = world.place() {
            // As it would have been done meanwhile, rather than while it is measured.
            schema.execute("VACUUM ANALYZE");
        }
        let messages = heavy + (people - 1) * each;
        println!(
            "\n{messages} messages of {people} people, written in {:.0} s",
            begun.elapsed().as_secs_f64()
        );
        // The same are sought in both tables: these two have said the same in both.
        report(&world, &persons[..2], &mut Speech::new()).await;
    }
}

/// Somebody with messages, whose texts are remembered.
struct Person {
    id: UserId,
    texts: Vec<String>,
}

impl Person {
    async fn settle(world: &World, speech: &mut Speech, number: usize, size: usize) -> Self {
        let email = format!("person{number}@example.org");
        let texts: Vec<String> = (0..size).map(|_| speech.message()).collect();
        let known = world.try_find(&email).await;
        let id = match known {
            Some(id) => id,
            None => world.user(&email).await,
        };
        for texts in texts.chunks(THREAD).filter(|_| known.is_none()) {
            let thread = world.conversation(id, "Bronn").await;
            fill(world, id, thread, texts).await;
        }
        // Nobody asks what the others said.
        Self { id, texts: if number < 2 { texts } else { Vec::new() } }
    }
}

async fn fill(world: &World, owner: UserId, thread: ConversationId, texts: &[String]) {
    let messages: Vec<Message> = (0..)
        .zip(texts)
        .map(|(depth, content)| Message {
            depth,
            content: content.clone(),
            ..world.message(owner, thread, None)
        })
        .collect();
    let insert = move |tx: &mut raconteur_storage::WriteTx<'_>| {
        messages.iter().try_for_each(|message| tx.insert_message(message))
    };
    world.db.write::<_, StorageError, _>(insert).await.unwrap();
}

async fn report(world: &World, persons: &[Person], speech: &mut Speech) {
    println!("p50 / p99 / slowest text, in milliseconds; {WORDS} texts of each kind, {ROUNDS} times:");
    println!("{:<41} {:>19} {:>24} {:>26}", "", "search", "LIKE, own rows", "LIKE, all rows");
    for (who, person) in ["a heavy person", "an ordinary person"].iter().zip(persons) {
        for (kind, sought) in speech.sought(&person.texts) {
            // What a request does: titles, then messages.
            let found = time(&sought, ROUNDS, async |text| {
                let (owner, text) = (person.id, text.to_owned());
                let read = move |tx: &mut ReadTx<'_>| {
                    tx.search_titles(owner, &text, LIMIT)?;
                    tx.search_messages(owner, &text, LIMIT)
                };
                world.db.read::<_, StorageError, _>(read).await.unwrap();
            });
            let found = found.await;
            let mut plain = Plain::connect(world);
            let own = time(&sought, 1, async |text| plain.like(text, Some(person.id))).await;
            let all = time(&sought, 1, async |text| plain.like(text, None)).await;
            let (count, size) = (sought.len(), person.texts.len());
            let what = format!(
                "{who} ({size}), {kind}{}",
                if count < WORDS { format!(" ({count})") } else { String::new() }
            );
            println!("{what:<41} {found:>19} {own:>24} {all:>26}");
        }
    }
}

/// How long it takes to seek these, each so often: in the middle, in the slowest hundredth, and for the slowest text in the
/// middle of its times, in which a moment that the machine took for something else has no part.
async fn time(sought: &[String], rounds: usize, mut seek: impl AsyncFnMut(&str)) -> String {
    let mut times = vec![Vec::new(); sought.len()];
    for text in sought {
        // What is read for the first time since the start is not measured.
        seek(text).await;
    }
    for _ in 0..rounds {
        for (text, times) in sought.iter().zip(&mut times) {
            let begun = Instant::now();
            seek(text).await;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    let slowest = times.iter_mut().map(|times| percentile(times, 50)).fold(0.0, f64::max);
    let mut all = times.concat();
    format!("{:.2} / {:.2} / {slowest:.2}", percentile(&mut all, 50), percentile(&mut all, 99))
}

fn percentile(times: &mut [f64], percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * percent / 100).or(times.last()).copied().unwrap_or_default()
}

/// The plain ways: every row is looked at, of the table or of one person.
enum Plain {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    #[expect(dead_code, reason = "it is only counted")]
    key: i64,
}

impl Plain {
    fn connect(world: &World) -> Self {
        match world.place() {
            Place::Schema(schema) => Self::Postgres(PgConnection::establish(&schema.url()).unwrap()),
            place => {
                let url = place.url();
                Self::Sqlite(SqliteConnection::establish(url.trim_start_matches("sqlite://")).unwrap())
            }
        }
    }

    fn like(&mut self, text: &str, owner: Option<UserId>) {
        let (like, placeholder) = match self {
            Self::Sqlite(_) => ("LIKE", "?"),
            Self::Postgres(_) => ("ILIKE", "$1"),
        };
        // The conversations first, so that only their messages are looked at.
        let from = owner.map_or("messages AS m WHERE".to_owned(), |owner| {
            format!(
                "conversations AS c CROSS JOIN messages AS m \
                 WHERE c.owner_id = '{owner}' AND c.deleted_at IS NULL AND m.conversation_id = c.id AND"
            )
        });
        let query = diesel::sql_query(format!(
            "SELECT m.key FROM {from} m.active AND m.content {like} {placeholder} \
             ORDER BY m.created_at DESC LIMIT {LIMIT}"
        ));
        let query = query.bind::<Text, _>(format!("%{text}%"));
        let found: Vec<Found> = match self {
            Self::Sqlite(connection) => query.load(connection).unwrap(),
            Self::Postgres(connection) => query.load(connection).unwrap(),
        };
        assert!(found.len() <= LIMIT);
    }
}

/// Makes messages of English words, as often as they occur, and of some that nobody says often.
struct Speech {
    /// The words of a text, each as often as it stands there.
    common: Vec<String>,
    rare: Vec<String>,
    random: u64,
}

impl Speech {
    fn new() -> Self {
        let source = include_str!("../../../../assets/personas/bronn/kb.jsonl");
        let entries = source.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let said =
            entries.map(|entry| format!("{} {}", entry["ic_reply"].as_str().unwrap(), entry["ooc_notes"]));
        let common = said.collect::<Vec<_>>().join(" ").split_whitespace().map(str::to_owned).collect();
        let mut speech = Self { common, rare: Vec::new(), random: 1 };
        let syllables = [
            "an", "er", "in", "on", "at", "en", "th", "es", "or", "te", "of", "ed", "is", "it", "al", "ar",
            "st", "to", "ng", "ou",
        ];
        speech.rare = (0..20_000)
            .map(|_| (0..3 + speech.below(3)).map(|_| syllables[speech.below(syllables.len())]).collect())
            .collect();
        speech
    }

    fn below(&mut self, end: usize) -> usize {
        // Knuth's MMIX generator: the same messages in every run.
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap() % end
    }

    /// 20 to 100 words.
    fn message(&mut self) -> String {
        let words: Vec<String> = (0..20 + self.below(81)).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn word(&mut self) -> String {
        if self.below(10) > 0 {
            let place = self.below(self.common.len());
            return self.common[place].clone();
        }
        // The first ones are said more often than the others.
        let most = self.below(self.rare.len()) + 1;
        let place = self.below(most);
        self.rare[place].clone()
    }

    /// Texts of each kind, by how many of somebody's messages have them.
    fn sought(&mut self, texts: &[String]) -> Vec<(&'static str, Vec<String>)> {
        let having = |text: &str| texts.iter().filter(|message| message.contains(text)).count();
        let share = |low: f64, high: f64| {
            move |count: usize| (low..high).contains(&(count as f64 / texts.len() as f64))
        };
        let words: Vec<String> = (0..4_000).map(|_| self.word().trim_matches('.').to_owned()).collect();
        let mut words: Vec<(usize, String)> = words
            .into_iter()
            .filter(|word| word.len() > 2)
            .take(1_500)
            .map(|word| (having(&word), word))
            .collect();
        words.sort();
        words.dedup();
        let of = |wanted: &dyn Fn(usize) -> bool| {
            let fitting: Vec<&String> =
                words.iter().filter(|(count, _)| wanted(*count)).map(|(_, word)| word).collect();
            let step = (fitting.len() / WORDS).max(1);
            fitting.into_iter().step_by(step).take(WORDS).cloned().collect::<Vec<_>>()
        };
        let middling = texts.len().div_ceil(100);
        let (rare, mid, common) = (
            of(&|count| (1..=middling / 10 + 2).contains(&count)),
            of(&|count| (middling / 2..middling * 3).contains(&count)),
            of(&share(0.2, 1.1)),
        );
        let absent = words.iter().take(WORDS).map(|(_, word)| format!("{word}qz")).collect();
        vec![
            ("absent", absent),
            ("rare", rare),
            ("middling", mid),
            ("common", common),
            ("common trigrams", self.chains(texts)),
        ]
    }

    /// Texts of which every three characters are common, and the whole is rare.
    fn chains(&mut self, texts: &[String]) -> Vec<String> {
        let sample: Vec<Vec<char>> = texts.iter().take(300).map(|text| text.chars().collect()).collect();
        let mut counts = std::collections::BTreeMap::<&[char], usize>::new();
        for text in &sample {
            let trigrams: std::collections::BTreeSet<&[char]> = text.windows(3).collect();
            trigrams.into_iter().for_each(|trigram| *counts.entry(trigram).or_default() += 1);
        }
        // In every tenth message at least.
        let common: Vec<&[char]> = counts
            .into_iter()
            .filter(|(_, count)| *count * 10 > sample.len())
            .map(|(trigram, _)| trigram)
            .collect();
        let mut chains = Vec::new();
        while chains.len() < WORDS {
            let mut chain: Vec<char> = common[self.below(common.len())].to_vec();
            let length = 5 + self.below(8);
            while chain.len() < length {
                let next: Vec<&&[char]> =
                    common.iter().filter(|t| t[..2] == chain[chain.len() - 2..]).collect();
                if next.is_empty() {
                    break;
                }
                chain.push(next[self.below(next.len())][2]);
            }
            let chain: String = chain.into_iter().collect();
            let seldom =
                texts.iter().filter(|message| message.contains(&chain)).count() * 10_000 <= texts.len();
            if chain.chars().count() >= 5 && chain.trim() == chain && seldom {
                chains.push(chain);
            }
        }
        chains
    }
}
