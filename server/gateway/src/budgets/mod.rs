//! Budgets: what a call may cost is held before it is forwarded.

mod agree;
mod books;
mod bound;
mod due;
mod refusal;
mod share;

use std::sync::Arc;

use domain::{Timestamp, budgets::Chain, catalog::Rates, usage::Endpoint};
use store::keys::KeySnapshot;

pub(crate) use books::{Books, Denied, Held};
pub(crate) use bound::Bound;

use crate::{core::Core, intake::Question, respond::Refusal};

/// A hold, and to how many output tokens the call must be kept so that the hold is enough.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) held: Held,
    /// For each answer that is asked for; none where no hard budget bounds the call.
    pub(crate) cap: Option<Cap>,
}

/// The most output tokens of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cap {
    pub(crate) tokens: u64,
    /// Whether that is less than the client would have had without a budget.
    pub(crate) by_budget: bool,
}

/// Holds what the call may cost on every budget above it.
///
/// # Errors
/// When it does not fit, or its cost can't be bounded.
pub(crate) async fn hold(
    core: &Arc<Core>,
    at: Timestamp,
    key: &KeySnapshot,
    endpoint: Endpoint,
    rates: &Rates,
    question: &Question<'_>,
) -> Result<Admitted, Refusal> {
    let chain = chain(key);
    if !core.books.concern(&chain) {
        return Ok(Admitted { held: Held::nothing(core.books.clone(), chain, at), cap: None });
    }
    let bound = Bound::of(endpoint, question, core.settings.assumed_output_tokens)?;
    let ask = bound.ask(rates, core.settings.least_output_tokens)?;
    let held = core.books.hold(chain, ask, &core.clock, core.settings.budget_patience).await;
    let held = held.map_err(|denied| match denied {
        Denied::Short(short) => refusal::budget_exceeded(&short, ask, core.clock.now()),
        Denied::CutOff => refusal::cut_off(),
    })?;
    let cap = match held.amount() {
        Some(amount) => bound.cap(rates, amount),
        None => None,
    };
    Ok(Admitted { held, cap })
}

/// Under whose budgets and limits a key's calls fall.
pub(crate) fn chain(key: &KeySnapshot) -> Chain {
    Chain {
        organization: key.organization,
        team: key.team,
        parent_team: key.parent_team,
        user: key.user,
        key: key.id,
        environment: key.environment,
    }
}
