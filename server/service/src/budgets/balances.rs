use std::{fmt, sync::Arc};

use domain::{BudgetId, OrganizationId, budgets::Balance};

/// Knows how budgets stand right now, calls in flight included: the gateway in this process. Cheap to
/// clone.
#[derive(Clone)]
pub struct Balances(Arc<Ask>);

type Ask = dyn Fn(OrganizationId, BudgetId) -> Option<Balance> + Send + Sync;

impl Balances {
    /// Asks `ask`, which answers nothing where it does not know the budget.
    pub fn new(ask: impl Fn(OrganizationId, BudgetId) -> Option<Balance> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    /// There is no gateway in this process: what the books say is all that is known.
    pub fn of_the_books() -> Self {
        Self::new(|_, _| None)
    }

    /// How a budget stands, if that is known.
    pub(super) fn ask(&self, organization: OrganizationId, budget: BudgetId) -> Option<Balance> {
        (self.0)(organization, budget)
    }
}

impl fmt::Debug for Balances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Balances")
    }
}
