//! The generations that run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use raconteur_domain::{ConversationId, GenerationId};

use crate::live::Live;

/// Every generation from its acceptance until its end has been kept. Clones share the list.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<GenerationId, Arc<Live>>>>);

impl Running {
    fn lock(&self) -> MutexGuard<'_, HashMap<GenerationId, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn insert(&self, live: Arc<Live>) {
        self.lock().insert(live.begun.generation_id, live);
    }

    pub(crate) fn remove(&self, generation: GenerationId) {
        self.lock().remove(&generation);
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Stops this one, if it runs.
    pub(crate) fn stop(&self, generation: GenerationId) {
        if let Some(live) = self.lock().get(&generation) {
            live.stop();
        }
    }

    /// Stops what runs in these conversations.
    pub(crate) fn stop_in(&self, conversations: &[ConversationId]) {
        for live in self.lock().values().filter(|live| conversations.contains(&live.begun.conversation_id)) {
            live.stop();
        }
    }
}
