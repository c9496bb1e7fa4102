//! What [`carded`](crate) adds, where the crate is built without character cards: nothing.

use crate::explanation::Mode;
use crate::lore::Lore;
use crate::persona::Persona;
use crate::prompt::{Asked, PromptRequest};
use crate::room::Room;

#[expect(clippy::unused_self, reason = "with cards it is used")]
impl Persona {
    pub(crate) fn card_system(&self, usual: String, _request: &PromptRequest<'_>) -> String {
        usual
    }

    pub(crate) const fn card_body(&self, _mode: Mode, _request: &PromptRequest<'_>) -> Option<String> {
        None
    }

    pub(crate) const fn card_last_words(&self, _mode: Mode, _request: &PromptRequest<'_>) -> Option<String> {
        None
    }

    pub(crate) fn lore(&self, _asked: &Asked<'_>, _request: &PromptRequest<'_>, _room: &Room<'_>) -> Lore {
        Lore::default()
    }

    pub(crate) const fn style_tells_description(&self, _mode: Mode) -> bool {
        true
    }

    pub(crate) fn expanded(
        &self,
        text: &str,
        _request: &PromptRequest<'_>,
        _original: Option<&str>,
    ) -> String {
        text.to_owned()
    }

    /// Everything that it may say first.
    #[must_use]
    pub fn greetings(&self, _user: Option<&str>, _conversation: &str) -> Vec<String> {
        self.greeting().map(str::to_owned).into_iter().collect()
    }
}
