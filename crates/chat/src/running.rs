//! The generations that run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use raconteur_domain::{ConversationId, GenerationId, ServerId};

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

    pub(crate) fn get(&self, generation: GenerationId) -> Option<Arc<Live>> {
        self.lock().get(&generation).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Stops what was accepted under this name of the server's.
    pub(crate) fn stop_of(&self, server: ServerId) {
        for live in self.lock().values().filter(|live| live.server == server) {
            live.stop();
        }
    }

    /// Stops this one; `false` where it does not run here.
    pub(crate) fn stop(&self, generation: GenerationId) -> bool {
        let lives = self.lock();
        let live = lives.get(&generation);
        live.inspect(|live| live.stop());
        live.is_some()
    }

    /// Stops what runs in these conversations.
    pub(crate) fn stop_in(&self, conversations: &[ConversationId]) {
        for live in self.lock().values().filter(|live| conversations.contains(&live.begun.conversation_id)) {
            live.stop();
        }
    }
}
