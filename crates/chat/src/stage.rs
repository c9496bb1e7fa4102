//! What a reply is made with beside what was said: who speaks to whom, and how the model is asked.

use std::sync::Arc;

use raconteur_domain::{ConversationSettings, OwnPersona, Profile, Temperature, UserId};
use raconteur_llm::ChatModel;
use raconteur_persona::{Budget, Note, Persona, PromptRequest, Sampling, User};
use raconteur_storage::{ReadTx, StorageError, Where};

use crate::cast::Players;
use crate::chat::ChatSettings;

/// What a reply is made with beside what was said.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) persona: Arc<Persona>,
    profile: Profile,
    settings: ConversationSettings,
    /// The name of the model that answers.
    pub(crate) model: String,
    /// From 0 to 2.
    pub(crate) temperature: f32,
    /// The longest reply.
    pub(crate) max_tokens: u32,
}

/// Whoever sets stages. It holds no database, so that it can be used where one does its work.
#[derive(Clone)]
pub(crate) struct Stages {
    pub(crate) players: Players,
    pub(crate) model: Arc<dyn ChatModel>,
    pub(crate) settings: ChatSettings,
}

/// A stage, or who has to be read before it can be set.
pub(crate) enum Set {
    Ready(Box<Stage>),
    Waits(Box<OwnPersona>),
}

impl Stages {
    /// The stage of a person's conversation. Where there is no such conversation it is an empty one: whoever looks for the
    /// conversation will not find it either.
    pub(crate) fn set(&self, tx: &mut ReadTx<'_>, owner: UserId, place: Where) -> Result<Set, StorageError> {
        let Some(scene) = tx.scene(owner, place)? else {
            let nobody = Arc::new(Persona::stranger(""));
            return Ok(Set::Ready(Box::new(self.with(
                nobody,
                Profile::default(),
                ConversationSettings::default(),
            ))));
        };
        let persona = match &scene.persona {
            Some(own) => match self.players.ready(own) {
                Some(persona) => persona,
                None => return Ok(Set::Waits(Box::new(own.clone()))),
            },
            None => self.players.built_in().find_or_stranger(&scene.character),
        };
        Ok(Set::Ready(Box::new(self.with(persona, scene.profile, scene.settings))))
    }

    /// What is asked of the model: what the conversation says, or else the character, or else the server, as far as the server
    /// allows it.
    fn with(&self, persona: Arc<Persona>, profile: Profile, settings: ConversationSettings) -> Stage {
        let Sampling { model, temperature, max_tokens } = persona.sampling();
        let offered = |name: &&String| self.offers(name);
        let model = settings.model.as_ref().filter(offered).or(model.as_ref().filter(offered));
        let temperature = settings.temperature.map(narrow).or(*temperature);
        let max_tokens = settings.max_tokens.or(*max_tokens).unwrap_or(u32::MAX);
        Stage {
            model: model.cloned().unwrap_or_else(|| self.model.name().to_owned()),
            temperature: temperature.unwrap_or(self.settings.temperature),
            max_tokens: max_tokens.min(self.settings.max_tokens),
            persona,
            profile,
            settings,
        }
    }

    /// Whether a model of this name may be asked for.
    fn offers(&self, name: &str) -> bool {
        name == self.model.name() || self.model.others().iter().any(|other| other == name)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "thousandths up to 2 are as good in half the bits")]
fn narrow(temperature: Temperature) -> f32 {
    temperature.value() as f32
}

impl Stage {
    /// How much room a prompt has.
    pub(crate) const fn budget(&self, settings: &ChatSettings) -> Budget {
        Budget { reply: self.max_tokens as usize, ..settings.budget() }
    }

    /// The part of a request for a prompt that does not depend on what was said.
    pub(crate) fn request(&self) -> PromptRequest<'_> {
        let ConversationSettings { note, note_depth, summary, .. } = &self.settings;
        let user =
            User { name: said(&self.profile.display_name), description: said(&self.profile.description) };
        PromptRequest {
            user,
            summary: said(summary),
            note: said(note).map(|text| Note { text, depth: *note_depth as usize }),
            ..PromptRequest::default()
        }
    }

    /// How the conversation is led.
    pub(crate) const fn settings(&self) -> &ConversationSettings {
        &self.settings
    }

    /// Leaves the summary out, which tells of another branch.
    pub(crate) fn forget_summary(&mut self) {
        self.settings.summary.clear();
    }
}

/// A text without the blanks around it, where there is one.
fn said(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
