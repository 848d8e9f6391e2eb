//! A key's own limits and budgets, with another among them.

use super::super::{KeyBudget, KeyLimit, RunningBudget};
use crate::{Timestamp, jobs::Reason};

/// The limits with this one, in place of that for the same calls and of the same kind.
///
/// # Errors
/// When it is among them.
pub(super) fn with_limit(limits: &[KeyLimit], limit: KeyLimit) -> Result<Vec<KeyLimit>, Reason> {
    let (limit, place) = (limit.settled(), |limit: &KeyLimit| (limit.kind, limit.endpoint));
    if limits.contains(&limit) {
        return Err(Reason::SameLimit);
    }
    let mut all: Vec<KeyLimit> = limits.iter().copied().filter(|had| place(had) != place(&limit)).collect();
    all.push(limit);
    all.sort_by_key(place);
    Ok(all)
}

/// The budgets with this one, in place of that for the same period, which goes on with what was spent of it.
///
/// # Errors
/// When it is among them.
pub(super) fn with_budget(
    budgets: &[RunningBudget],
    budget: KeyBudget,
    now: Timestamp,
) -> Result<Vec<RunningBudget>, Reason> {
    let had = budgets.iter().find(|had| had.budget.period == budget.period);
    if had.is_some_and(|had| had.budget == budget) {
        return Err(Reason::SameBudget);
    }
    let running = had.map_or_else(|| budget.from(now), |had| RunningBudget { budget, ..*had });
    let mut all: Vec<RunningBudget> = budgets.iter().copied().filter(|b| b.budget.period != budget.period).collect();
    all.push(running);
    all.sort_by_key(|running| running.budget.period);
    Ok(all)
}
