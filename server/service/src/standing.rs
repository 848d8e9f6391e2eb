use std::{fmt, sync::Arc};

use domain::{
    BudgetId, OrganizationId,
    budgets::Balance,
    limits::{Level, Limit},
};

/// Knows how budgets and limits stand right now, calls in flight included: the gateway in this process.
/// Cheap to clone.
#[derive(Clone)]
pub struct Standing {
    balance: Arc<BalanceOf>,
    level: Arc<LevelOf>,
}

type BalanceOf = dyn Fn(OrganizationId, BudgetId) -> Option<Balance> + Send + Sync;
type LevelOf = dyn Fn(OrganizationId, &Limit) -> Option<Level> + Send + Sync;

impl Standing {
    /// Asks these, which answer nothing where they do not know the budget or the limit.
    pub fn new(
        balance: impl Fn(OrganizationId, BudgetId) -> Option<Balance> + Send + Sync + 'static,
        level: impl Fn(OrganizationId, &Limit) -> Option<Level> + Send + Sync + 'static,
    ) -> Self {
        Self { balance: Arc::new(balance), level: Arc::new(level) }
    }

    /// There is no gateway in this process: what the books say is all that is known.
    pub fn of_the_books() -> Self {
        Self::new(|_, _| None, |_, _| None)
    }

    /// How a budget stands, if that is known.
    pub(crate) fn balance(&self, organization: OrganizationId, budget: BudgetId) -> Option<Balance> {
        (self.balance)(organization, budget)
    }

    /// How a limit stands: nothing is used of one that is not known yet.
    pub(crate) fn level(&self, organization: OrganizationId, limit: &Limit) -> Level {
        (self.level)(organization, limit).unwrap_or_else(|| Level::unused(limit))
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Standing")
    }
}
