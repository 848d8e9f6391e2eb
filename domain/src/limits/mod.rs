//! Rate limits: how many requests and tokens may pass in a minute, and how many requests at once, by whom.
//!
//! A call has to pass every limit above its key, all or none of them. The bookkeeping of that is
//! [`Meters`], which knows neither clock nor database.

#[cfg(test)]
mod examples;
mod exchange;
mod meter;
mod meters;
#[cfg(test)]
mod properties;
mod slots;
mod view;

pub use self::{
    meter::{Level, PARTS, Refused},
    meters::{Meters, Pass},
    slots::SlotTerms,
    view::{LimitChanges, LimitQuery, LimitView, NewLimit},
};

use crate::{Invalid, LimitId, budgets::Scope, keys::Environment, usage::Endpoint};

/// The most that a limit can allow.
const MOST: u64 = 1_000_000_000;

spelled! {
    /// What is limited.
    LimitKind as "kind" {
        /// How many requests may come in a minute.
        Requests = "requests_per_minute",
        /// How many tokens, of prompts and completions together, may be used in a minute.
        Tokens = "tokens_per_minute",
        /// How many requests may be under way at once.
        Parallel = "parallel_requests",
    }
}

/// A limit as it was decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its identity.
    pub id: LimitId,
    /// Whose calls it limits.
    pub scope: Scope,
    /// Of which keys: test and live calls are counted apart.
    pub environment: Environment,
    /// Of which endpoint. It then takes the place of the limit for all endpoints of the same scope and
    /// kind, with a count of its own.
    pub endpoint: Option<Endpoint>,
    /// What is limited.
    pub kind: LimitKind,
    /// How much in a minute, or at once.
    pub amount: u64,
    /// How much of a minute's amount may come at once; of parallel requests always all.
    pub burst: u64,
}

impl Limit {
    /// The limit with what is new decided on. A burst of the whole amount stays one.
    ///
    /// # Errors
    /// When amount and burst don't go together.
    pub fn changed(self, changes: LimitChanges) -> Result<Self, Invalid> {
        let amount = changes.amount.unwrap_or(self.amount);
        let kept = || (self.burst < self.amount).then(|| self.burst.min(amount));
        let burst = changes.burst.or_else(kept);
        Ok(Self { amount, burst: checked(self.kind, amount, burst)?, ..self })
    }

    /// The burst, where the kind has one.
    pub fn own_burst(&self) -> Option<u64> {
        (self.kind != LimitKind::Parallel).then_some(self.burst)
    }
}

/// The burst of a limit of that kind and amount: a whole minute's where none is given.
///
/// # Errors
/// When the amount is none, or the burst does not go with it.
pub fn checked(kind: LimitKind, amount: u64, burst: Option<u64>) -> Result<u64, Invalid> {
    if !(1..=MOST).contains(&amount) {
        let message = "Give a whole number from 1 to 1000000000. To let nothing pass, disable the keys.";
        return Err(Invalid::new("amount", message));
    }
    match burst {
        None => Ok(amount),
        Some(_) if kind == LimitKind::Parallel => {
            Err(Invalid::new("burst", "Leave the burst out: parallel requests have none."))
        }
        Some(burst) if (1..=amount).contains(&burst) => Ok(burst),
        Some(_) => Err(Invalid::new("burst", "Give a whole number from 1 to the amount.")),
    }
}

/// A time in whole seconds that is never too short.
pub fn whole_seconds(time: std::time::Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
