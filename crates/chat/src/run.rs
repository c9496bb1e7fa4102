//! One generation, from its prompt to its end.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _};
use raconteur_domain::{Outcome, ServerId, Status, Timestamp, Usage};
use raconteur_llm::{ChatEvent, ChatMessage, ChatRequest, ModelError, ModelErrorCode, ModelErrorKind, Role};
use raconteur_persona::{
    Budget, Estimate, MESSAGE_OVERHEAD, Persona, Prompt, PromptMessage, PromptRequest, PromptTooLong, Turn,
    estimate_tokens,
};
use raconteur_storage::{GenerationEnd, StorageError};

use crate::accept::Accepted;
use crate::chat::{ChatSettings, Inner};
use crate::history::{self, History};
use crate::live::{End, Live};
use crate::pump::{Pump, until_it_works};
use crate::stage::Stage;
use crate::trouble::{Trouble, TroubleCode};
use crate::{summary, trouble};

/// What was asked of the model, and why.
#[derive(Default)]
struct Asked {
    /// Whether it is to go on with what it has said before.
    goes_on: bool,
    /// As JSON, once they are known.
    explanation: Option<String>,
    prompt: Option<String>,
    /// How deep in the tree the first turn stands that the model was shown.
    told_from: Option<u64>,
    /// How many tokens the prompt is, before the estimate is corrected.
    estimate: usize,
}

impl Asked {
    fn take_note(&mut self, prompt: &Prompt) {
        self.explanation = serde_json::to_string(&prompt.explanation).ok();
        self.prompt = serde_json::to_string(&prompt.messages).ok();
        self.estimate = prompt.messages.iter().map(message_tokens).sum();
    }
}

fn message_tokens(message: &PromptMessage) -> usize {
    estimate_tokens(&message.content) + MESSAGE_OVERHEAD
}

/// What is known of a run when the model has fallen silent.
struct Ran {
    status: Status,
    outcome: Outcome,
    trouble: Option<Trouble>,
}

impl Ran {
    fn new(status: Status) -> Self {
        Self { status, outcome: Outcome::default(), trouble: None }
    }

    fn with_trouble(status: Status, trouble: Trouble) -> Self {
        let outcome = Outcome { error_code: Some(trouble.code.as_str().to_owned()), ..Outcome::default() };
        Self { status, outcome, trouble: Some(trouble) }
    }

    /// Whether the prompt was longer than the model's context.
    fn is_for_want_of_room(&self) -> bool {
        let code = TroubleCode::Model(ModelErrorCode::ContextExceeded);
        self.trouble.is_some_and(|trouble| trouble.code == code)
    }
}

/// Runs the generation to its one end, whatever happens on the way. What is logged meanwhile says which one it was.
#[tracing::instrument(name = "reply", skip_all, fields(generation = %live.begun.generation_id))]
pub(crate) async fn run(chat: Arc<Inner>, live: Arc<Live>, stage: Stage, accepted: Accepted) {
    let (persona, model) = (Arc::clone(&stage.persona), stage.model.clone());
    let mut asked =
        Asked { goes_on: accepted.said.as_ref().is_some_and(|said| !said.is_empty()), ..Asked::default() };
    let converse = converse(&chat, &live, stage, accepted, &mut asked);
    let ran = match AssertUnwindSafe(converse).catch_unwind().await {
        Ok(Ok(ran)) => ran,
        Ok(Err(error)) => {
            tracing::error!(%error, "a reply failed for want of the database");
            Ran::with_trouble(Status::Failed, trouble::INTERNAL)
        }
        Err(_) => {
            tracing::error!("a reply panicked");
            Ran::with_trouble(Status::Failed, trouble::INTERNAL)
        }
    };
    let (ended_well, told_from) = (ran.status == Status::Complete, asked.told_from);
    finish(&chat, &live, &persona, ran, asked).await;
    if let (true, true, Some(told_from)) = (chat.settings.summaries, ended_well, told_from) {
        summary::keep_up(&chat, live.begun.conversation_id, &model, persona.name(), told_from).await;
    }
}

async fn converse(
    chat: &Inner,
    live: &Arc<Live>,
    mut stage: Stage,
    accepted: Accepted,
    asked: &mut Asked,
) -> Result<Ran, StorageError> {
    let History { turns, depths } = turns(chat, &mut stage, &accepted).await?;
    let counter = chat.calibration.counter(&stage.model);
    let model = stage.model.clone();
    let material = Arc::new(Material { stage, turns, accepted, counter });
    let build = |history: usize| {
        let (material, settings) = (Arc::clone(&material), chat.settings);
        // A lorebook may be large.
        chat.compute(move || material.prompt(&settings, history))
    };

    // It has been looked before that there is room; the estimate may have learned since.
    let Ok(prompt) = build(chat.settings.history_tokens).await? else { return Ok(without_room()) };
    let turns_tokens = prompt.explanation.tokens.history;
    asked.take_note(&prompt);
    asked.told_from = depths.get(prompt.explanation.history_dropped).copied();
    let ran = stream(chat, live, material.request(prompt)).await?;
    chat.calibration.learn(&model, asked.estimate, ran.outcome.usage);
    if turns_tokens == 0 || !ran.is_for_want_of_room() || live.has_begun() {
        return Ok(ran);
    }
    // The model's context is shorter than the settings think. The reply is worth more than the oldest turns.
    tracing::warn!(
        turns_tokens,
        "the prompt was too long: the model is asked again with half of the history"
    );
    let Ok(shorter) = build(turns_tokens / 2).await? else { return Ok(without_room()) };
    asked.take_note(&shorter);
    stream(chat, live, material.request(shorter)).await
}

/// What a prompt is made of.
struct Material {
    stage: Stage,
    turns: Vec<Turn>,
    accepted: Accepted,
    counter: Estimate,
}

impl Material {
    fn prompt(&self, settings: &ChatSettings, history: usize) -> Result<Prompt, PromptTooLong> {
        let Self { stage, turns, accepted, counter } = self;
        // The message rather than the run: another try draws the same.
        let answered = accepted.parent.unwrap_or(accepted.begun.message_id);
        stage.persona.prompt(&PromptRequest {
            query: accepted.unsaved_prompt.as_deref().unwrap_or_default(),
            history: turns,
            said: accepted.said.as_deref(),
            budget: Budget { history, ..stage.budget(settings) },
            counter,
            seed: &answered.to_string(),
            conversation: &accepted.begun.conversation_id.to_string(),
            ..stage.request()
        })
    }

    fn request(&self, prompt: Prompt) -> ChatRequest {
        let role = |role| match role {
            raconteur_persona::Role::System => Role::System,
            raconteur_persona::Role::User => Role::User,
            raconteur_persona::Role::Assistant => Role::Assistant,
        };
        let messages = prompt.messages.into_iter();
        ChatRequest {
            messages: messages.map(|message| ChatMessage::new(role(message.role), message.content)).collect(),
            model: Some(self.stage.model.clone()),
            temperature: self.stage.temperature,
            max_tokens: self.stage.max_tokens,
            scripted: Some(prompt.scripted),
        }
    }
}

fn without_room() -> Ran {
    let code = TroubleCode::Model(ModelErrorCode::ContextExceeded);
    Ran::with_trouble(Status::Failed, Trouble { code, retryable: false })
}

/// What was said before, as far as any prompt has room for it. Where the summary tells of another branch it is forgotten.
async fn turns(chat: &Inner, stage: &mut Stage, accepted: &Accepted) -> Result<History, StorageError> {
    let (conversation, budget) = (accepted.begun.conversation_id, chat.settings.history_tokens);
    let Some(parent) = accepted.parent else { return Ok(History::default()) };
    let through = stage.settings().summary_through;
    let read = until_it_works(|| {
        chat.db.read(move |tx| {
            let turns = history::read(tx, conversation, parent, budget)?;
            let told = through.map(|through| tx.message(through)).transpose()?.flatten();
            let elsewhere = through.is_some() && told.is_none_or(|message| !message.active);
            Ok::<_, StorageError>((turns, elsewhere))
        })
    });
    let (turns, elsewhere) = read.await?;
    if elsewhere {
        stage.forget_summary();
    }
    Ok(turns)
}

/// Takes in what the model says until it has ended, or is to end.
async fn stream(chat: &Inner, live: &Arc<Live>, request: ChatRequest) -> Result<Ran, StorageError> {
    let mut pump = Pump::new(chat.db.clone(), Arc::clone(live), chat.settings.durability);
    let mut events = chat.model.stream(request);
    let mut told_to_end = pin!(told_to_end(chat, live));
    let mut ttft_ms = None;
    let mut ran = loop {
        tokio::select! {
            biased;
            ran = &mut told_to_end => break ran,
            committed = pump.commit(), if pump.has_work() => committed?,
            event = events.next() => match event {
                Some(Ok(ChatEvent::Delta(delta))) => {
                    ttft_ms.get_or_insert_with(|| chat.clock.now().millis_since(live.begun.at));
                    live.push(&delta);
                    pump.show_if_relaxed();
                }
                Some(Ok(ChatEvent::Reasoning(thought))) => live.think(&thought),
                Some(Ok(ChatEvent::Finish { reason, usage })) => {
                    break completed(reason.map(|reason| reason.to_string()), usage);
                }
                Some(Err(error)) => break failed(&error),
                None => break failed(&ModelError::new(ModelErrorKind::CutOff, "the stream ended without an end")),
            },
        }
    };
    // Before anything else: this is what ends the request at the provider.
    drop(events);
    // What is on its way has to arrive before the end does, which removes the chunks.
    pump.settle().await?;
    ran.outcome.ttft_ms = ttft_ms;
    Ok(ran)
}

/// Resolves when the run is to end before the model has.
async fn told_to_end(chat: &Inner, live: &Live) -> Ran {
    tokio::select! {
        biased;
        () = live.stopped() => Ran::new(Status::Stopped),
        () = chat.grace_over.cancelled() => Ran::with_trouble(Status::Interrupted, trouble::INTERRUPTED),
    }
}

fn completed(finish_reason: Option<String>, usage: Option<raconteur_llm::Usage>) -> Ran {
    let outcome = Outcome {
        finish_reason,
        usage: usage.map(counted),
        reasoning_tokens: usage.and_then(|usage| usage.reasoning_tokens),
        ..Outcome::default()
    };
    Ran { outcome, ..Ran::new(Status::Complete) }
}

fn failed(error: &ModelError) -> Ran {
    tracing::warn!(%error, code = error.code().as_str(), "the model failed");
    Ran::with_trouble(Status::Failed, trouble::of_model(error))
}

fn counted(usage: raconteur_llm::Usage) -> Usage {
    Usage { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens }
}

/// Makes the end durable and shows it.
async fn finish(chat: &Inner, live: &Live, persona: &Persona, mut ran: Ran, asked: Asked) {
    let spoken_bytes = (ran.status == Status::Failed).then(|| say_the_trouble(live, persona, asked.goes_on));
    let now = chat.clock.now();
    let reasoning = keep_reasoning(chat, live, &mut ran.outcome);
    let end = GenerationEnd {
        id: live.begun.generation_id,
        status: ran.status,
        text: live.whole(),
        spoken_bytes,
        outcome: ran.outcome.clone(),
        explanation: asked.explanation,
        reasoning,
        prompt: asked.prompt,
    };
    match keep(chat, live.server, &end, now).await {
        Ok(Kept::Ours) => live.publish(live.len()),
        // Another server has taken this one for dead, and keeps what was durable, which is what the readers have.
        Ok(Kept::Anothers) => ran = Ran::with_trouble(Status::Interrupted, trouble::INTERRUPTED),
        Err(error) => {
            // The row still says that it runs; the next start will find it and keep what was durable.
            tracing::error!(%error, generation = %end.id, "the end of a reply could not be kept");
            ran = Ran::with_trouble(Status::Failed, trouble::INTERNAL);
        }
    }
    chat.running.remove(end.id);
    // The conversation may have been deleted, and its rows may have waited for this.
    chat.deleted.notify_one();
    live.finish(End {
        status: ran.status,
        finish_reason: ran.outcome.finish_reason,
        usage: ran.outcome.usage,
        reasoning_tokens: ran.outcome.reasoning_tokens,
        ttft_ms: ran.outcome.ttft_ms,
        trouble: ran.trouble,
        at: now,
    });
}

/// Whose end of a generation stands.
enum Kept {
    Ours,
    Anothers,
}

/// Keeps the end, under the name that this server had when it accepted the reply.
async fn keep(chat: &Inner, us: ServerId, end: &GenerationEnd, now: Timestamp) -> Result<Kept, StorageError> {
    let kept = until_it_works(|| {
        let end = end.clone();
        chat.db.write(move |tx| {
            tx.hold_on(us)?;
            if tx.end_generation(&end, now)? {
                return Ok(Kept::Ours);
            }
            // It may be ours all the same, from a try whose answer was lost on the way.
            let ended = tx.ended(end.id)?;
            let ours = ended.is_some_and(|ended| ended.status == end.status && ended.text == end.text);
            Ok(if ours { Kept::Ours } else { Kept::Anothers })
        })
    });
    match kept.await {
        Err(StorageError::TakenOver) => Ok(Kept::Anothers),
        kept => kept,
    }
}

/// Counts what the model thought, and returns it where it is to be kept.
fn keep_reasoning(chat: &Inner, live: &Live, outcome: &mut Outcome) -> Option<String> {
    let reasoning = live.reasoning();
    outcome.reasoning_tokens = reasoning.tokens(outcome.reasoning_tokens);
    let text = reasoning.text();
    (chat.settings.keep_reasoning && !text.is_empty()).then(|| text.to_owned())
}

/// The character says that something went wrong, for those who see nothing but the text. Returns how many bytes
/// the model itself had said in this run, which may go on with what stands in the message.
fn say_the_trouble(live: &Live, persona: &Persona, goes_on: bool) -> u64 {
    let spoken = live.len();
    let line = persona.trouble_line(&live.begun.generation_id.to_string());
    live.push(&if spoken == 0 && !goes_on { line.to_owned() } else { format!("\n\n{line}") });
    spoken as u64
}
