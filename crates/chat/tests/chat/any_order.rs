//! Whatever is done to a conversation, in whichever order: its tree is what a plain list in memory says.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt as _};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use raconteur_chat::{ChatError, Send, Subscription};
use raconteur_domain::{
    ConversationId, Message, MessageId, PageNumber, PageRequest, Role, Siblings, Status, UserId,
};
use raconteur_llm::{ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason};
use raconteur_storage::{Order, StorageError};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::reader::Reader;
use crate::world::World;

/// A model that says `Aye.`, once it is let.
struct Held(watch::Receiver<bool>);

impl ChatModel for Held {
    fn name(&self) -> &'static str {
        "held"
    }

    fn stream(&self, _: ChatRequest) -> ChatStream {
        let mut held = self.0.clone();
        let said = async move {
            held.wait_for(|held| !held).await.unwrap();
            Ok(ChatEvent::Delta("Aye.".to_owned()))
        };
        let end = async { Ok(ChatEvent::Finish { reason: Some(FinishReason::Stop), usage: None }) };
        stream::once(said).chain(stream::once(end)).boxed()
    }
}

/// Something that is done. A number chooses among the messages there are.
#[derive(Clone, Debug)]
enum Deed {
    Say,
    Send,
    Answer,
    Regenerate(usize),
    Continue(usize),
    Edit(usize),
    Activate(usize),
    Delete(usize),
    /// From now on the model is silent, or speaks.
    Hold(bool),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let one = prop_oneof![
        2 => Just(Deed::Say),
        4 => Just(Deed::Send),
        1 => Just(Deed::Answer),
        4 => any::<usize>().prop_map(Deed::Regenerate),
        3 => any::<usize>().prop_map(Deed::Continue),
        4 => any::<usize>().prop_map(Deed::Edit),
        4 => any::<usize>().prop_map(Deed::Activate),
        2 => any::<usize>().prop_map(Deed::Delete),
        1 => any::<bool>().prop_map(Deed::Hold),
    ];
    proptest::collection::vec(one, 1..24)
}

/// What is remembered of a message.
#[derive(Clone, Debug)]
struct Node {
    id: MessageId,
    parent: Option<usize>,
    role: Role,
    content: String,
    running: bool,
    gone: bool,
}

/// A conversation as it should be.
#[derive(Debug, Default)]
struct Model {
    nodes: Vec<Node>,
    /// The messages that are shown.
    path: Vec<usize>,
}

impl Model {
    fn add(&mut self, id: MessageId, parent: Option<usize>, role: Role, content: &str, running: bool) {
        self.path = self.way_to(parent);
        self.path.push(self.nodes.len());
        self.nodes.push(Node { id, parent, role, content: content.to_owned(), running, gone: false });
    }

    fn there(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| !self.nodes[*node].gone).collect()
    }

    fn chosen(&self, number: usize) -> Option<usize> {
        let there = self.there();
        (!there.is_empty()).then(|| there[number % there.len()])
    }

    fn way_to(&self, node: Option<usize>) -> Vec<usize> {
        let mut way: Vec<usize> = std::iter::successors(node, |node| self.nodes[*node].parent).collect();
        way.reverse();
        way
    }

    fn children(&self, parent: Option<usize>) -> Vec<usize> {
        self.there().into_iter().filter(|node| self.nodes[*node].parent == parent).collect()
    }

    /// Shows the way to a message and the newest one at each step below.
    fn show(&mut self, node: Option<usize>) {
        self.path = self.way_to(node);
        while let Some(next) = self.children(self.path.last().copied()).last() {
            self.path.push(*next);
        }
    }

    fn delete(&mut self, node: usize) {
        for other in 0..self.nodes.len() {
            if self.way_to(Some(other)).contains(&node) {
                self.nodes[other].gone = true;
            }
        }
        if self.path.contains(&node) {
            self.show(self.nodes[node].parent);
        }
    }

    fn siblings(&self, node: usize) -> Siblings {
        let all = self.children(self.nodes[node].parent);
        let index = all.iter().position(|other| *other == node).unwrap();
        Siblings { index: index as u64, count: all.len() as u64 }
    }
}

/// A conversation of a case's own, beside what it should be.
struct Case<'a> {
    world: &'a World,
    hold: &'a watch::Sender<bool>,
    owner: UserId,
    thread: ConversationId,
    model: Model,
    running: Vec<(usize, Subscription)>,
}

impl Case<'_> {
    async fn run(mut self, deeds: Vec<Deed>) -> Result<(), TestCaseError> {
        for deed in deeds {
            self.do_it(&deed).await;
            self.compare(&format!("{deed:?}")).await?;
        }
        self.do_it(&Deed::Hold(false)).await;
        self.compare("the end").await
    }

    async fn do_it(&mut self, deed: &Deed) {
        let leaf = self.model.path.last().copied();
        match deed {
            Deed::Say => {
                let text = format!("said {}", self.model.nodes.len());
                let said =
                    self.world.chat.add_message(self.owner, self.thread, text.clone(), None).await.unwrap();
                self.model.add(said.message.id, leaf, Role::User, &text, false);
            }
            Deed::Send => {
                let text = format!("sent {}", self.model.nodes.len());
                let reply = self.send(&text).await;
                let id = reply.begun().user_message_id.unwrap();
                self.model.add(id, leaf, Role::User, &text, false);
                self.hear_new(reply).await;
            }
            Deed::Answer => {
                let reply = self.send("").await;
                self.hear_new(reply).await;
            }
            Deed::Hold(hold) => {
                self.hold.send_replace(*hold);
                if !hold {
                    for (node, reply) in std::mem::take(&mut self.running) {
                        self.hear(node, reply).await;
                    }
                }
            }
            Deed::Regenerate(number) => self.regenerate(*number).await,
            Deed::Continue(number) => self.go_on(*number).await,
            Deed::Edit(number) => self.edit(*number).await,
            Deed::Activate(number) => {
                if let Some(node) = self.model.chosen(*number) {
                    self.world.activate(self.model.nodes[node].id).await;
                    self.model.show(Some(node));
                }
            }
            Deed::Delete(number) => {
                if let Some(node) = self.model.chosen(*number) {
                    self.world.delete_message(self.model.nodes[node].id).await;
                    self.model.delete(node);
                }
            }
        }
    }

    async fn send(&self, prompt: &str) -> Subscription {
        let (prompt, create_user_message) = (prompt.to_owned(), true);
        let send = Send { owner: self.owner, conversation: self.thread, prompt, create_user_message };
        self.world.chat.send(send).await.unwrap()
    }

    /// A new reply, below what is shown.
    async fn hear_new(&mut self, reply: Subscription) {
        let node = self.model.nodes.len();
        let leaf = self.model.path.last().copied();
        self.model.add(reply.begun().message_id, leaf, Role::Assistant, "", true);
        self.hear_if_not_held(node, reply).await;
    }

    async fn hear_if_not_held(&mut self, node: usize, reply: Subscription) {
        if *self.hold.borrow() {
            self.running.push((node, reply));
        } else {
            self.hear(node, reply).await;
        }
    }

    async fn hear(&mut self, node: usize, reply: Subscription) {
        let heard = Reader::new(reply).read_to_end().await;
        let node = &mut self.model.nodes[node];
        node.running = false;
        if node.gone {
            assert!([Status::Stopped, Status::Complete].contains(&heard.end.status));
        } else {
            assert_eq!((heard.text().as_str(), heard.end.status), ("Aye.", Status::Complete));
            node.content += "Aye.";
        }
    }

    async fn regenerate(&mut self, number: usize) {
        let Some(node) = self.model.chosen(number) else { return };
        let Node { id, role, parent, .. } = self.model.nodes[node].clone();
        match self.world.chat.regenerate(self.owner, id).await {
            Ok(reply) => {
                assert_eq!(role, Role::Assistant);
                self.model.path = self.model.way_to(parent);
                self.hear_new(reply).await;
            }
            Err(error) => assert!(role == Role::User && matches!(error, ChatError::NotAReply)),
        }
    }

    async fn go_on(&mut self, number: usize) {
        let Some(node) = self.model.chosen(number) else { return };
        let Node { id, role, running, .. } = self.model.nodes[node].clone();
        let last = self.model.path.last() == Some(&node);
        match self.world.chat.continue_reply(self.owner, id).await {
            Ok(reply) => {
                assert!(role == Role::Assistant && last && !running);
                self.model.nodes[node].running = true;
                self.hear_if_not_held(node, reply).await;
            }
            Err(ChatError::NotAReply) => assert_eq!(role, Role::User),
            Err(ChatError::StillRunning) => assert!(running),
            Err(error) => assert!(!last && matches!(error, ChatError::NotTheLast), "{error}"),
        }
    }

    async fn edit(&mut self, number: usize) {
        let Some(node) = self.model.chosen(number) else { return };
        let Node { id, role, parent, running, .. } = self.model.nodes[node].clone();
        let text = format!("edited {}", self.model.nodes.len());
        match self.world.chat.edit(self.owner, id, text.clone()).await {
            Ok(edited) if role == Role::User => {
                self.model.add(edited.message.id, parent, role, &text, false);
                assert_eq!(edited.siblings, self.model.siblings(self.model.nodes.len() - 1));
            }
            Ok(edited) => {
                assert_eq!((edited.message.id, running), (id, false));
                self.model.nodes[node].content = text;
            }
            Err(error) => assert!(running && matches!(error, ChatError::StillRunning)),
        }
    }

    async fn compare(&self, after: &str) -> Result<(), TestCaseError> {
        let thread = self.thread;
        let read = self.world.db.read(move |tx| {
            let page = PageRequest { number: PageNumber::Number(1), size: 200 };
            let shown = tx.messages(thread, Order::Ascending, page)?.unwrap();
            let all = tx.all_messages(thread, Order::Ascending, page)?.unwrap();
            let all_placed = tx.placed(thread, all.items)?;
            Ok::<_, StorageError>((shown.items, all_placed, tx.message_count(thread)?))
        });
        let (shown, all, count) = read.await.unwrap();
        prop_assert_eq!(usize::try_from(count), Ok(shown.len()));
        for (depth, message) in shown.iter().enumerate() {
            let before = depth.checked_sub(1).map(|before| shown[before].id);
            prop_assert_eq!(
                (message.depth, message.parent_id, message.active),
                (depth as u64, before, true),
                "{}",
                after
            );
        }
        let ids = |nodes: &[usize]| nodes.iter().map(|node| self.model.nodes[*node].id).collect::<Vec<_>>();
        prop_assert_eq!(shown.iter().map(|m| m.id).collect::<Vec<_>>(), ids(&self.model.path), "{}", after);
        let there = self.model.there();
        prop_assert_eq!(all.iter().map(|m| m.message.id).collect::<Vec<_>>(), ids(&there), "{}", after);
        let shown: HashMap<MessageId, Message> = shown.into_iter().map(|m| (m.id, m)).collect();
        for (node, placed) in there.into_iter().zip(all) {
            let (expected, message) = (&self.model.nodes[node], placed.message);
            prop_assert_eq!(&message.content, &expected.content, "{}", after);
            prop_assert_eq!(message.role, expected.role);
            prop_assert_eq!(message.status == Status::Running, expected.running, "{}", after);
            prop_assert_eq!(message.parent_id, expected.parent.map(|parent| self.model.nodes[parent].id));
            prop_assert_eq!(placed.siblings, self.model.siblings(node), "{}", after);
            prop_assert_eq!(message.active, shown.contains_key(&message.id), "{}", after);
        }
        Ok(())
    }
}

fn any_order(cases: u32, runtime: &Runtime, world: &World, hold: &watch::Sender<bool>) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let ran = TestRunner::new(config).run(&deeds(), |deeds| {
        runtime.block_on(async {
            hold.send_replace(false);
            let thread = world.begin_conversation("Wren").await;
            let owner = world.ground.owner;
            Case { world, hold, owner, thread, model: Model::default(), running: Vec::new() }.run(deeds).await
        })
    });
    ran.unwrap();
}

#[test]
fn the_tree_is_what_a_list_in_memory_says() {
    let (runtime, (hold, held)) = (Runtime::new().unwrap(), watch::channel(false));
    let world = runtime.block_on(World::thinking_with(Held(held)));
    any_order(96, &runtime, &world, &hold);
}

#[test]
fn the_tree_is_what_a_list_in_memory_says_on_postgres() {
    let (runtime, (hold, held)) = (Runtime::new().unwrap(), watch::channel(false));
    if let Some(world) = runtime.block_on(World::on_postgres_thinking_with(Held(held))) {
        any_order(24, &runtime, &world, &hold);
    }
}
