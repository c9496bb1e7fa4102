//! Places what was activated: in insertion order, as much as there is room for.

use std::cmp::Ordering;

use super::activate::Activating;
use super::entry::Entry;
use super::{Activation, Active, Lorebook, Outcome, Scan};
use crate::macros::{Seeds, expand};

/// Places the active entries that the budget has room for; the others are told to be over it.
///
/// The least important goes first, until the rest fits. One that would not fit even alone is left out before: it should
/// not take all others with it.
pub(crate) fn place(book: &Lorebook, scan: &Scan<'_>, mut activating: Activating<'_>) -> Activation {
    let budget = scan.budget.min(book.budget.unwrap_or(usize::MAX));
    let mut wanted: Vec<(usize, &Entry)> =
        book.entries.iter().enumerate().filter(|(index, _)| activating.is_active(*index)).collect();
    wanted.sort_by(by_importance);
    let (mut tokens, mut full) = (0_usize, false);
    let mut active = Vec::new();
    for (index, entry) in wanted {
        let Scan { seed, conversation_seed, names, .. } = *scan;
        let content = if full {
            String::new()
        } else {
            expand(&entry.content, &names, &Seeds { seed, conversation_seed })
        };
        let cost = (scan.count)(&content);
        if full || cost > budget {
            activating.set_outcome(index, Outcome::OverBudget);
        } else if content.trim().is_empty() {
            activating.set_outcome(index, Outcome::Empty);
        } else if tokens.saturating_add(cost) > budget {
            activating.set_outcome(index, Outcome::OverBudget);
            full = true;
        } else {
            tokens += cost;
            let (id, name) = (entry.id.clone(), entry.name.clone());
            let position = activating.position(entry);
            active.push(Active { index, id, name, content, position, order: entry.order, tokens: cost });
        }
    }
    active.sort_by(|a, b| a.order.total_cmp(&b.order).then(a.index.cmp(&b.index)));
    let considered = activating.considered();
    Activation { active, considered, tokens, budget, notes: activating.notes }
}

/// The most important first. Those that yield come last; constant ones come before others, then those of higher priority,
/// then those placed later, as the third version of the cards has it, then those that stand first in the book.
fn by_importance((index, entry): &(usize, &Entry), (other_index, other): &(usize, &Entry)) -> Ordering {
    let yields = entry.decorators.yields_on_max_context.cmp(&other.decorators.yields_on_max_context);
    yields
        .then(other.constant.cmp(&entry.constant))
        .then(other.priority.total_cmp(&entry.priority))
        .then(other.order.total_cmp(&entry.order))
        .then(index.cmp(other_index))
}
