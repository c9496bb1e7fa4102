//! What an entry matched before, judged from the history alone: no state is kept between two prompts.

use super::entry::Entry;
use crate::limits::MAX_REMEMBERED_TURNS;
use crate::prompt::{Speaker, Turn};

/// What earlier messages did to an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Whether it matched for an earlier prompt.
    pub(crate) matched: bool,
    /// Whether it was activated and still is.
    pub(crate) sticks: bool,
    /// Whether it was activated and has to wait.
    pub(crate) cools: bool,
}

/// The moments at which there was a prompt before, as the number of messages at the time, oldest first.
pub(crate) fn moments(turns: &[&Turn]) -> Vec<usize> {
    let earlier = turns.len().saturating_sub(1);
    let oldest = turns.len().saturating_sub(MAX_REMEMBERED_TURNS);
    let prompts = turns.iter().enumerate().take(earlier).skip(oldest);
    prompts.filter(|(_, turn)| turn.speaker == Speaker::User).map(|(index, _)| index + 1).collect()
}

/// Goes through the earlier moments; `matched` says whether the entry's keys matched at one.
pub(crate) fn recall(
    entry: &Entry,
    moments: &[usize],
    now: usize,
    matched: impl Fn(usize) -> bool,
) -> Memory {
    let mut memory = Memory::default();
    // While it sticks a match begins nothing new; while it cools there is none.
    let (mut sticks_until, mut cools_until) = (0, 0);
    for moment in moments.iter().copied() {
        if moment > cools_until && matched(moment) {
            memory.matched = true;
            sticks_until = moment.saturating_add(entry.sticky);
            cools_until = sticks_until.saturating_add(entry.cooldown);
        }
    }
    memory.sticks = entry.sticky > 0 && memory.matched && now <= sticks_until;
    memory.cools = entry.cooldown > 0 && memory.matched && !memory.sticks && now <= cools_until;
    memory
}
