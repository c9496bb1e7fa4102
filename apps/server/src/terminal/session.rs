//! The talk itself: a line, an answer, a line.

use raconteur_chat::Chat;
use raconteur_domain::limits::CONTENT_MAX_CHARS;
use raconteur_domain::{GenerationId, Message, Role, Status, is_blank};
use raconteur_storage::{Db, StorageError};

use super::command::Command;
use super::input::{Line, Lines};
use super::screen::Screen;
use super::signals::{INTERRUPT, Interrupts};
use super::text::one_line;
use super::thread::Thread;
use super::{Outcome, TerminalError, why};

const HELP: &str = "\
Whatever you type is said to the character. Beside it there is
  /ooc TEXT   ask the narrator, out of character
  /why        why the last answer is as it is: what was considered, used and left out
  /help       this
  /quit       end; so does Ctrl-D
Ctrl-C stops an answer, and what was said of it stays. //TEXT says /TEXT.";

const ABOUT_OOC: &str = "\
/ooc TEXT asks the narrator, who knows the character's story and is not the character: /ooc Where is this from?";

/// A talk that goes on.
pub(super) struct Session {
    pub(super) db: Db,
    pub(super) chat: Chat,
    pub(super) thread: Thread,
    pub(super) screen: Screen,
    lines: Lines,
    /// Those that come while nothing is answered.
    interrupts: Interrupts,
    /// The run that made the last answer, and how long it took where that is known.
    pub(super) last: Option<(GenerationId, Option<u64>)>,
    /// The run that has not ended yet.
    pub(super) running: Option<GenerationId>,
    /// Whether the last line could not be answered.
    pub(super) failed: bool,
}

impl Session {
    pub(super) fn new(
        db: Db,
        chat: Chat,
        thread: Thread,
        screen: Screen,
        lines: Lines,
        interrupts: Interrupts,
    ) -> Self {
        let last = thread.last_answer().map(|generation| (generation, None));
        Self { db, chat, thread, screen, lines, interrupts, last, running: None, failed: false }
    }

    /// Talks until the person has enough. `kept_in` names the database, where anything is kept.
    pub(super) async fn run(
        &mut self,
        about_model: &str,
        kept_in: Option<&str>,
    ) -> Result<Outcome, TerminalError> {
        self.introduce(about_model, kept_in)?;
        let outcome = self.talk().await?;
        if kept_in.is_some() && self.thread.is_kept() {
            let id = self.thread.conversation.id;
            self.screen.note(&format!("To go on with this: raconteur chat --conversation {id}"))?;
        }
        Ok(outcome)
    }

    fn introduce(&self, about_model: &str, kept_in: Option<&str>) -> Result<(), TerminalError> {
        let conversation = &self.thread.conversation;
        self.screen.note(&format!("You are talking to {}.", one_line(&conversation.character)))?;
        self.screen.note(&format!("  model         {}", one_line(about_model)))?;
        match kept_in {
            Some(database) => {
                self.screen.note(&format!("  conversation  {}", conversation.id))?;
                if !conversation.title.is_empty() {
                    self.screen.note(&format!("  title         {}", one_line(&conversation.title)))?;
                }
                self.screen.note(&format!("  kept in       {}", one_line(database)))?;
            }
            None => self.screen.note("  conversation  not kept: it is gone when you quit")?,
        }
        self.screen.note("/help shows what you can do.")?;
        self.screen.gap()?;
        for message in &self.thread.before {
            self.screen.note(&self.reminder(message))?;
            self.screen.gap()?;
        }
        match self.thread.persona.greeting() {
            Some(greeting) if self.thread.before.is_empty() && self.screen.is_interactive() => {
                self.screen.begin_answer(&conversation.character)?;
                self.screen.answer(greeting.trim_end())?;
                self.screen.end_answer()?;
                self.screen.gap()
            }
            _ => Ok(()),
        }
    }

    fn reminder(&self, message: &Message) -> String {
        let who = match message.role {
            Role::User => "You",
            Role::Assistant => self.thread.conversation.character.as_str(),
            Role::System => "Note",
        };
        let end = match message.status {
            Status::Complete | Status::Running => String::new(),
            status => format!(" [{status}]"),
        };
        format!("{}: {}{end}", one_line(who), message.content.trim_end())
    }

    async fn talk(&mut self) -> Result<Outcome, TerminalError> {
        let mut interrupted_before = false;
        loop {
            let line = tokio::select! {
                line = self.lines.next() => line,
                // At the line editor Ctrl-C is a key like any other and comes as a line.
                () = self.interrupts.next(), if !self.screen.has_editor() => {
                    return Ok(Outcome::Signal(INTERRUPT));
                }
            };
            let interrupted = matches!(line, Line::Interrupted);
            match line {
                Line::Text(line) => {
                    if let Some(outcome) = self.obey(&line).await? {
                        return Ok(outcome);
                    }
                }
                Line::Interrupted if interrupted_before => self.screen.note("/quit ends the program.")?,
                Line::Interrupted => {}
                Line::Refused(why) => self.refuse(why)?,
                Line::End if self.failed && !self.screen.is_interactive() => return Ok(Outcome::LastFailed),
                Line::End => return Ok(Outcome::Done),
                Line::Broken(error) => return Err(TerminalError::Input(error)),
            }
            interrupted_before = interrupted;
        }
    }

    /// Does what the line wants; an outcome where that is the end.
    async fn obey(&mut self, line: &str) -> Result<Option<Outcome>, TerminalError> {
        match Command::parse(line) {
            Command::Nothing => Ok(None),
            Command::Quit => Ok(Some(Outcome::Done)),
            Command::Say(text) => self.say(text.to_owned()).await,
            Command::OutOfCharacter("") => self.screen.show(ABOUT_OOC).map(|()| None),
            Command::OutOfCharacter(question) => {
                let toggle = self.thread.persona.narrator_toggle();
                self.say(format!("{toggle} {question}")).await
            }
            Command::Why => self.explain().await.map(|()| None),
            Command::Help => self.screen.show(HELP).map(|()| None),
            Command::Unknown(line) => {
                let line: String = one_line(line).chars().take(60).collect();
                let advice =
                    format!("/help shows those there are; to say this to the character, type /{line}");
                self.refuse(&format!("There is no command {line} — {advice}")).map(|()| None)
            }
        }
    }

    async fn say(&mut self, text: String) -> Result<Option<Outcome>, TerminalError> {
        if text.chars().count() > CONTENT_MAX_CHARS {
            let why = format!("The message is longer than {CONTENT_MAX_CHARS} characters; nothing was sent.");
            return self.refuse(&why).map(|()| None);
        }
        if text.contains('\0') {
            return self.refuse("A message cannot have null characters; nothing was sent.").map(|()| None);
        }
        self.reply_to(text).await
    }

    /// The line is not answered.
    pub(super) fn refuse(&mut self, why: &str) -> Result<(), TerminalError> {
        self.failed = true;
        self.screen.complain(why)
    }

    async fn explain(&mut self) -> Result<(), TerminalError> {
        let Some((id, took_ms)) = self.last else {
            return self.refuse("There has been no answer yet.");
        };
        let owner = self.thread.conversation.owner_id;
        let found = self
            .db
            .read(move |tx| Ok::<_, StorageError>((tx.generation(owner, id)?, tx.explanation(owner, id)?)))
            .await;
        match found {
            Ok((Some(generation), explanation)) => {
                let explanation = explanation.filter(|json| !is_blank(json));
                self.screen.show(&why::tell(&generation, took_ms, explanation.as_deref()))
            }
            Ok((None, _)) => self.refuse("That answer is gone: its conversation was deleted."),
            Err(error) => self.refuse(&format!("It cannot be looked up: {error}.")),
        }
    }
}
