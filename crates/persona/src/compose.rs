//! A prompt, part by part: what matters most takes its room first.

use crate::explanation::{Explanation, Mode, Section, SectionTokens};
use crate::finding::Found;
use crate::knowledge::Entry;
use crate::lore::Lore;
use crate::persona::Persona;
use crate::prompt::{Asked, Prompt, PromptMessage, PromptRequest, Role, message};
use crate::room::{BETWEEN, Room, whole_sentences};

/// A prompt that is being made.
pub(crate) struct Composing<'a> {
    persona: &'a Persona,
    request: &'a PromptRequest<'a>,
    asked: Asked<'a>,
    room: Room<'a>,
    tokens: SectionTokens,
    left_out: Vec<Section>,
}

/// Who speaks.
struct System {
    head: Option<String>,
    /// What a character card says of the character, which its lorebook may stand around.
    body: Option<String>,
}

impl<'a> Composing<'a> {
    /// With what is in every prompt taken from the room already.
    pub(crate) const fn new(
        persona: &'a Persona,
        request: &'a PromptRequest<'a>,
        asked: Asked<'a>,
        room: Room<'a>,
        tokens: SectionTokens,
    ) -> Self {
        Self { persona, request, asked, room, tokens, left_out: Vec::new() }
    }

    pub(crate) fn compose(mut self, instructions: String) -> Prompt {
        let system = self.system();
        let last_words = self.last_words();
        let note = self.note();
        let lore = self.lore();
        let found = self.find();
        let knowledge = self.knowledge(&found);
        let summary = self.summary();
        let user = self.user();
        let history = self.history();
        let (examples, shown) = self.examples();

        let lead =
            [system.head].into_iter().flatten().chain(lore.before).chain(system.body).chain(lore.after);
        let known = user.into_iter().chain(knowledge);
        let talk = lore.examples_top.into_iter().chain(examples).chain(lore.examples_bottom);
        let rules: Vec<String> = lead.chain(known).chain(talk).chain([instructions]).chain(summary).collect();
        let note = lore.note_top.into_iter().chain(note).chain(lore.note_bottom).collect::<Vec<_>>();
        let mut among = lore.among;
        if !note.is_empty() {
            among.push((self.request.note.map_or(0, |note| note.depth), note.join("\n")));
        }
        among.extend(last_words.map(|text| (0, text)));

        let messages = self.messages(&rules.join(BETWEEN), history, among);
        let scripted = self.persona.scripted(self.asked.mode, &found, &self.asked);
        let explanation = self.explanation(&found, lore.entries, history, shown);
        Prompt { messages, scripted, explanation }
    }

    /// The beginning of the rules. Where not all of it fits, as many sentences as do, and nothing else.
    fn system(&mut self) -> System {
        let usual = self.persona.system_section(self.asked.mode, self.request);
        let head = self.persona.card_system(usual, self.request);
        let body = self.persona.card_body(self.asked.mode, self.request);
        let whole = body.as_ref().map_or_else(|| head.clone(), |body| format!("{head}{BETWEEN}{body}"));
        let room = self.room.left().saturating_sub(self.room.count(BETWEEN));
        let fitting = whole_sentences(&whole, room, self.request.counter);
        let is_whole = fitting == whole;
        let taken = self.room.take(fitting, &mut self.tokens.system);
        if is_whole && taken.is_some() {
            return System { head: Some(head), body };
        }
        self.left_out.push(Section::System);
        self.room.close();
        System { head: taken, body: None }
    }

    /// What a card wants to be said last.
    fn last_words(&mut self) -> Option<String> {
        let text = self.persona.card_last_words(self.asked.mode, self.request)?;
        self.room.take_message(format!("[{text}]"), &mut self.tokens.instructions)
    }

    fn note(&mut self) -> Option<String> {
        let text = self.request.note?.text.trim();
        if text.is_empty() {
            return None;
        }
        let taken = self.room.take_message(format!("[Author's note: {text}]"), &mut self.tokens.note);
        self.told(taken, Section::Note)
    }

    fn lore(&mut self) -> Lore {
        let lore = self.persona.lore(&self.asked, self.request, &self.room);
        self.room.spend(lore.tokens, &mut self.tokens.knowledge);
        lore
    }

    fn find(&self) -> Found<'a> {
        self.persona.find(&self.asked, &self.room)
    }

    fn knowledge(&mut self, found: &Found<'_>) -> Option<String> {
        let entries: Vec<&Entry> = found.used().collect();
        // What there is no room for is not unknown.
        let left_out = entries.is_empty() && found.lacks_room();
        let section = self.persona.knowledge_section(self.asked.mode, &entries, self.asked.query);
        let section = section.filter(|_| !left_out);
        let taken = section.and_then(|text| self.room.take(text, &mut self.tokens.knowledge));
        if found.lacks_room() {
            self.room.close();
        }
        taken
    }

    fn summary(&mut self) -> Option<String> {
        let text = self.request.summary.map(str::trim).filter(|text| !text.is_empty())?;
        let taken = self.room.take(format!("What happened before:\n{text}"), &mut self.tokens.summary);
        self.told(taken, Section::Summary)
    }

    fn user(&mut self) -> Option<String> {
        let text = self.persona.user_section(self.request.user)?;
        let taken = self.room.take(text, &mut self.tokens.user);
        self.told(taken, Section::User)
    }

    /// Takes note of a section that there was no room for.
    fn told(&mut self, taken: Option<String>, section: Section) -> Option<String> {
        if taken.is_none() {
            self.left_out.push(section);
        }
        taken
    }

    /// How many of the last turns there is room for.
    fn history(&mut self) -> usize {
        let at_most = self.request.budget.history;
        self.room.newest_that_fit(&self.asked.history, at_most, &mut self.tokens.history).len()
    }

    fn examples(&mut self) -> (Option<String>, usize) {
        if self.asked.mode == Mode::OutOfCharacter {
            return (None, 0);
        }
        let persona = self.persona;
        persona.examples_section(self.request, &mut self.room, &mut self.tokens.examples)
    }

    /// One system message, the last so many turns, what is answered; and among them what has so many messages behind it.
    fn messages(&self, rules: &str, history: usize, among: Vec<(usize, String)>) -> Vec<PromptMessage> {
        let dropped = self.asked.history.len() - history;
        let turns = self.asked.history.iter().skip(dropped);
        let mut messages: Vec<PromptMessage> =
            turns.map(|turn| message(turn.speaker.into(), &turn.text)).collect();
        messages.extend(self.asked.prompt.map(|prompt| message(Role::User, prompt)));
        let said = messages.len();
        let mut placed: Vec<(usize, String)> =
            among.into_iter().map(|(depth, text)| (said.saturating_sub(depth), text)).collect();
        // From the end on, so that what is put in moves nothing that has a place still; what came first stays first.
        placed.reverse();
        placed.sort_by(|(one, _), (other, _)| other.cmp(one));
        for (place, text) in placed {
            messages.insert(place, message(Role::User, &text));
        }
        messages.insert(0, message(Role::System, rules));
        messages.extend(self.asked.said.map(|said| message(Role::Assistant, said)));
        messages
    }

    fn explanation(
        mut self,
        found: &Found<'_>,
        lore: Vec<crate::LoreEntry>,
        history: usize,
        shown: usize,
    ) -> Explanation {
        self.left_out.sort_unstable();
        let in_character = self.asked.mode == Mode::InCharacter;
        Explanation {
            persona: self.persona.slug().to_owned(),
            version: self.persona.version().to_owned(),
            mode: self.asked.mode,
            query: self.asked.query.to_owned(),
            candidates: found.candidates(),
            used: found.used().map(|entry| entry.id.clone()).collect(),
            lore,
            history_dropped: self.asked.history.len() - history,
            examples_dropped: if in_character { self.persona.examples().len() - shown } else { 0 },
            left_out: self.left_out,
            budget: self.request.budget,
            tokens: self.tokens,
        }
    }
}
