//! Personas that are character cards.

use crate::cards::{self, Card};
use crate::explanation::Mode;
use crate::extension::Extension;
use crate::identity::{Example, Identity};
use crate::lore::{Lore, LoreEntry};
use crate::lorebook::{Lorebook, Position, Scan};
use crate::macros::{Names, Seeds, expand};
use crate::package::Package;
use crate::persona::Persona;
use crate::prompt::{Asked, PromptRequest, Speaker, Turn};
use crate::room::{BETWEEN, Room};
use crate::template;
use crate::warning::Warnings;

/// What a card calls somebody who has not told their name.
const SOMEBODY: &str = "User";

/// What of the room that is left a lorebook may take: a part of it, so that the conversation has one too.
const PART: usize = 2;

/// A card, with its lorebook and what it says for this program alone ready to be used.
#[derive(Debug)]
pub(crate) struct Carded {
    pub(crate) card: Card,
    book: Lorebook,
    own: Extension,
}

impl Carded {
    /// Reads a card, and warns of what was left out. Also the package that came with it, for the files in it.
    pub(crate) fn parse(bytes: &[u8], warnings: &mut Warnings<'_>) -> Option<(Self, Package)> {
        let imported = match cards::read(bytes).and_then(cards::Read::card) {
            Ok(imported) => imported,
            Err(error) => {
                warnings.file(format!("{error}; the file is not used"));
                return None;
            }
        };
        let (package, left_out) = Package::of_card(imported);
        let (carded, unused) = Self::new(package.card.clone());
        left_out.into_iter().chain(unused).for_each(|ignored| warnings.file(ignored));
        Some((carded, package))
    }

    /// The card, and what in it could not be used.
    pub(crate) fn new(card: Card) -> (Self, Vec<String>) {
        let (book, mut ignored) = card.character_book().map(Lorebook::parse).unwrap_or_default();
        let (own, problems) = Extension::read(&card);
        ignored.extend(problems);
        (Self { card, book, own }, ignored)
    }

    /// What it is called.
    fn name(&self) -> &str {
        [self.card.nickname(), self.card.name()]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .unwrap_or("")
            .trim()
    }

    /// Who the card says that it is.
    pub(crate) fn identity(&self, slug: &str) -> Identity {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let unnamed = Identity::from_slug(slug);
        let name = text(self.name());
        let named = name.is_some();
        let name = name.unwrap_or(unnamed.name);
        let full_name = text(self.card.name()).filter(|full| *full != name);
        Identity {
            named,
            full_name,
            aliases: self.own.aliases.clone(),
            description: text(self.card.description()),
            greeting: text(self.card.first_mes()),
            examples: self.examples(),
            trouble: self.own.trouble.clone(),
            notice: text(self.card.creator_notes()),
            tags: self.card.tags().into_iter().filter_map(text).collect(),
            sampling: self.own.sampling.clone(),
            ..Identity::new(slug, name)
        }
    }

    /// The exchanges among its example dialogues.
    fn examples(&self) -> Vec<Example> {
        let dialogues = self.card.example_dialogues();
        let exchanges = dialogues.iter().flat_map(|turns| turns.windows(2)).filter_map(|pair| match pair {
            [
                Turn { speaker: Speaker::User, text: user },
                Turn { speaker: Speaker::Assistant, text: reply },
            ] => Some(Example { user: user.clone(), reply: reply.clone() }),
            _ => None,
        });
        exchanges.collect()
    }
}

impl Persona {
    /// The persona that is this character card. Its lorebook is its knowledge; macros in its texts are expanded in each
    /// prompt.
    ///
    /// ```
    /// use raconteur_persona::cards::Card;
    /// use raconteur_persona::{Persona, PromptRequest, User};
    ///
    /// let mut card = Card::new("Wren");
    /// card.set_description("{{char}} runs the night ferry. {{user}} is her passenger.");
    /// let wren = Persona::from_card("wren", card).persona;
    /// let user = User { name: Some("Ada"), ..User::default() };
    /// let prompt = wren.prompt(&PromptRequest { query: "Hello", user, ..PromptRequest::default() })?;
    /// assert!(prompt.messages[0].content.contains("Wren runs the night ferry. Ada is her passenger."));
    /// # Ok::<(), raconteur_persona::PromptTooLong>(())
    /// ```
    #[must_use]
    pub fn from_card(slug: &str, card: Card) -> crate::Loaded {
        Package::new(card).load(slug)
    }

    /// The character card that it is, if it is one.
    #[must_use]
    pub fn card(&self) -> Option<&Card> {
        self.card.as_ref().map(|carded| &carded.card)
    }

    /// Everything that it may say first, as it says it to a person of this name: its greeting, then the alternatives.
    #[must_use]
    pub fn greetings(&self, user: Option<&str>, conversation: &str) -> Vec<String> {
        let Some(carded) = &self.card else {
            return self.greeting().map(str::to_owned).into_iter().collect();
        };
        let names = Names { char: self.name(), user: user.unwrap_or(SOMEBODY), original: None };
        let seeds = Seeds { seed: conversation, conversation_seed: conversation };
        let texts = self.greeting().into_iter().chain(carded.card.alternate_greetings());
        texts.map(|text| expand(text.trim(), &names, &seeds)).filter(|text| !text.is_empty()).collect()
    }

    /// Whether the description is told where the style tells it: by a template that names it, or else behind "You are
    /// NAME.". A card's is told in a paragraph of its own, unless it says otherwise or the template has told it already.
    pub(crate) fn style_tells_description(&self, mode: Mode) -> bool {
        let Some(carded) = &self.card else { return true };
        let system = carded.card.system_prompt();
        // Where the card says in the style's place how a prompt begins, the style tells nothing.
        let told = system.trim().is_empty() || system.to_ascii_lowercase().contains("{{original}}");
        let named = || {
            let mut names = self.template(mode).into_iter().flat_map(template::names);
            names.any(|name| name == "persona.description")
        };
        told && (carded.own.style_tells_description || named())
    }

    /// The text with its macros expanded, where the persona is a card.
    pub(crate) fn expanded(&self, text: &str, request: &PromptRequest<'_>, original: Option<&str>) -> String {
        if self.card.is_none() {
            return text.to_owned();
        }
        let names = Names { original, ..self.names(request) };
        expand(text, &names, &Seeds { seed: request.seed, conversation_seed: request.conversation })
    }

    fn names<'a>(&'a self, request: &PromptRequest<'a>) -> Names<'a> {
        Names { char: self.name(), user: request.user.name.unwrap_or(SOMEBODY), original: None }
    }

    /// What the card itself says at the beginning of a prompt: its system prompt, which may hold the usual one.
    pub(crate) fn card_system(&self, usual: String, request: &PromptRequest<'_>) -> String {
        match &self.card {
            Some(carded) if !carded.card.system_prompt().trim().is_empty() => {
                self.expanded(carded.card.system_prompt().trim(), request, Some(&usual))
            }
            _ => usual,
        }
    }

    /// Description, personality and scenario of the card.
    pub(crate) fn card_body(&self, mode: Mode, request: &PromptRequest<'_>) -> Option<String> {
        let card = &self.card.as_ref()?.card;
        let description = self.description().filter(|_| !self.style_tells_description(mode));
        let labelled = [
            ("", description.unwrap_or_default()),
            ("Personality: ", card.personality()),
            ("Scenario: ", card.scenario()),
        ];
        let parts = labelled.into_iter().filter(|(_, text)| !text.trim().is_empty());
        let parts: Vec<String> = parts
            .map(|(label, text)| format!("{label}{}", self.expanded(text.trim(), request, None)))
            .collect();
        (!parts.is_empty()).then(|| parts.join(BETWEEN))
    }

    /// What the card wants to be said last.
    pub(crate) fn card_last_words(&self, mode: Mode, request: &PromptRequest<'_>) -> Option<String> {
        let text = self.card.as_ref()?.card.post_history_instructions().trim();
        (mode == Mode::InCharacter && !text.is_empty())
            .then(|| self.expanded(text, request, Some("")).trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// What the card's lorebook has to tell of what is said.
    pub(crate) fn lore(&self, asked: &Asked<'_>, request: &PromptRequest<'_>, room: &Room<'_>) -> Lore {
        let Some(carded) = self.card.as_ref().filter(|carded| !carded.book.is_empty()) else {
            return Lore::default();
        };
        let mut turns: Vec<Turn> = asked.history.iter().map(|turn| (*turn).clone()).collect();
        turns.extend(asked.prompt.map(|text| Turn { speaker: Speaker::User, text: text.to_owned() }));
        // What an entry costs beside its text: what stands around it.
        let count = |text: &str| room.count(text) + room.count(BETWEEN) + crate::tokens::MESSAGE_OVERHEAD;
        let activation = carded.book.activate(&Scan {
            turns: &turns,
            seed: request.seed,
            conversation_seed: request.conversation,
            names: self.names(request),
            greeting: request.greeting,
            budget: room.left() / PART,
            count: &count,
        });
        let mut lore = Lore { tokens: activation.tokens, ..Lore::default() };
        for active in activation.active {
            match active.position {
                Position::Before => lore.before.push(active.content),
                Position::After | Position::Personality | Position::Scenario => {
                    lore.after.push(active.content);
                }
                Position::AuthorNoteTop => lore.note_top.push(active.content),
                Position::AuthorNoteBottom => lore.note_bottom.push(active.content),
                Position::Depth { depth, .. } => lore.among.push((depth, active.content)),
                Position::ExamplesTop => lore.examples_top.push(active.content),
                Position::ExamplesBottom => lore.examples_bottom.push(active.content),
            }
        }
        let word =
            |outcome| serde_json::to_value(outcome).ok().and_then(|word| Some(word.as_str()?.to_owned()));
        lore.entries = activation
            .considered
            .into_iter()
            .map(|considered| LoreEntry {
                id: considered.id,
                name: considered.name,
                matched: considered.matched,
                outcome: word(considered.outcome).unwrap_or_default(),
            })
            .collect();
        lore
    }
}
