//! What must be agreed on with the database.

use std::collections::BTreeMap;

use domain::{BudgetId, Money, OrganizationId};

/// What is wished of a budget's lease.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// So much more is needed.
    pub(super) need: Money,
    /// So much can be given back, if it is not used.
    pub(super) back: Money,
}

/// Which of an organization's budgets must be looked at.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// All of them, because some were changed, made or deleted.
    pub(super) all: bool,
    wishes: BTreeMap<BudgetId, Wish>,
}

impl Due {
    /// Whether this one must be.
    pub(super) fn concerns(&self, budget: BudgetId) -> bool {
        self.all || self.wishes.contains_key(&budget)
    }

    /// What is wished of it.
    pub(super) fn wish(&self, budget: BudgetId) -> Wish {
        self.wishes.get(&budget).copied().unwrap_or_default()
    }
}

/// Whose budgets must be looked at.
#[derive(Debug, Default)]
pub(super) struct Agenda(BTreeMap<OrganizationId, Due>);

impl Agenda {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self) -> Option<(OrganizationId, Due)> {
        self.0.pop_first()
    }

    /// All budgets of the organization.
    pub(super) fn all_of(&mut self, organization: OrganizationId) {
        self.0.entry(organization).or_default().all = true;
    }

    /// One budget, and what is wished of it. Of several needs the largest counts, since what is leased
    /// is leased with some ahead.
    pub(super) fn one(&mut self, organization: OrganizationId, budget: BudgetId, wish: Wish) {
        let known = self.0.entry(organization).or_default().wishes.entry(budget).or_default();
        known.need = known.need.max(wish.need);
        known.back = known.back.max(wish.back);
    }

    /// Puts back what could not be done.
    pub(super) fn put_back(&mut self, organization: OrganizationId, due: Due) {
        if due.all {
            self.all_of(organization);
        }
        for (budget, wish) in due.wishes {
            self.one(organization, budget, wish);
        }
    }

    /// All budgets of these.
    pub(super) fn extend(&mut self, organizations: impl IntoIterator<Item = OrganizationId>) {
        for organization in organizations {
            self.all_of(organization);
        }
    }
}
