//! The limits and budgets that keys have of their own: from a template, from whoever made them, or set for many at once.

use std::collections::HashMap;

use domain::{
    BudgetId, KeyId, LimitId,
    budgets::{Budget, Scope},
    keys::{KeyBudget, KeyLimit, RunningBudget},
    limits::{self, Limit},
};
use store::{Tx, audit::NewEntry, budgets::StoredBudget, changes::Change, keys::Key, limits::StoredLimit};

use crate::{Actor, Core, Result, audit::Did};

/// What keys have.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    limits: HashMap<Scope, Vec<StoredLimit>>,
    budgets: HashMap<Scope, Vec<StoredBudget>>,
}

impl Bounds {
    /// Sorted by key.
    pub(super) fn new(limits: Vec<StoredLimit>, budgets: Vec<StoredBudget>) -> Self {
        let mut bounds = Self::default();
        for limit in limits {
            bounds.limits.entry(limit.limit.scope).or_default().push(limit);
        }
        for budget in budgets {
            bounds.budgets.entry(budget.budget.scope).or_default().push(budget);
        }
        bounds
    }

    fn stored_limits(&self, key: KeyId) -> &[StoredLimit] {
        self.limits.get(&Scope::Key(key)).map_or(&[], Vec::as_slice)
    }

    fn stored_budgets(&self, key: KeyId) -> &[StoredBudget] {
        self.budgets.get(&Scope::Key(key)).map_or(&[], Vec::as_slice)
    }

    /// A key's limits, by kind and endpoint.
    pub(super) fn limits(&self, key: KeyId) -> Vec<KeyLimit> {
        let limit = |StoredLimit { limit, .. }: &StoredLimit| {
            let Limit { kind, amount, burst, endpoint, .. } = *limit;
            KeyLimit { kind, amount, burst: Some(burst), endpoint }.settled()
        };
        let mut limits: Vec<KeyLimit> = self.stored_limits(key).iter().map(limit).collect();
        limits.sort_by_key(|limit| (limit.kind, limit.endpoint));
        limits
    }

    /// A key's budgets, by period.
    pub(super) fn budgets(&self, key: KeyId) -> Vec<RunningBudget> {
        let budget = |StoredBudget { budget, .. }: &StoredBudget| {
            let Budget { amount, period, hard, since, .. } = *budget;
            RunningBudget { budget: KeyBudget { amount, period, hard }, since }
        };
        let mut budgets: Vec<RunningBudget> = self.stored_budgets(key).iter().map(budget).collect();
        budgets.sort_by_key(|running| running.budget.period);
        budgets
    }
}

/// Changes of what keys have, collected to be written in a few statements.
pub(super) struct BoundChanges<'a> {
    core: &'a Core,
    actor: &'a Actor,
    new_limits: Vec<StoredLimit>,
    changed_limits: Vec<Limit>,
    gone_limits: Vec<LimitId>,
    new_budgets: Vec<StoredBudget>,
    changed_budgets: Vec<Budget>,
    gone_budgets: Vec<BudgetId>,
    entries: Vec<NewEntry>,
}

impl<'a> BoundChanges<'a> {
    pub(super) fn new(core: &'a Core, actor: &'a Actor) -> Self {
        let (new_limits, changed_limits, gone_limits) = (Vec::new(), Vec::new(), Vec::new());
        let (new_budgets, changed_budgets, gone_budgets) = (Vec::new(), Vec::new(), Vec::new());
        let entries = Vec::new();
        Self {
            core,
            actor,
            new_limits,
            changed_limits,
            gone_limits,
            new_budgets,
            changed_budgets,
            gone_budgets,
            entries,
        }
    }

    /// Gives a key these limits and no others; those of the same calls and kind stay, and are changed where they
    /// must be.
    pub(super) fn limits(&mut self, key: &Key, had: &Bounds, wanted: &[KeyLimit]) -> Result<()> {
        let mut missing: Vec<Limit> = wanted.iter().map(|of| self.limit(key, of)).collect::<Result<_>>()?;
        for StoredLimit { limit: had, .. } in had.stored_limits(key.id) {
            let same = |new: &Limit| (new.kind, new.endpoint) == (had.kind, had.endpoint);
            match missing.iter().position(same).map(|at| missing.remove(at)) {
                None => {
                    self.gone_limits.push(had.id);
                    self.note_limit("limit.deleted", Some(had), None)?;
                }
                Some(new) if (new.amount, new.burst) != (had.amount, had.burst) => {
                    let new = Limit { id: had.id, ..new };
                    self.changed_limits.push(new);
                    self.note_limit("limit.updated", Some(had), Some(&new))?;
                }
                Some(_) => {}
            }
        }
        for limit in missing {
            self.note_limit("limit.created", None, Some(&limit))?;
            let (organization, created_at, created_by) =
                (key.organization_id, self.core.now(), self.actor.audit_name());
            self.new_limits.push(StoredLimit { organization, limit, created_at, created_by });
        }
        Ok(())
    }

    /// The same with a key's budgets. One of the same period goes on with what was spent of it.
    pub(super) fn budgets(&mut self, key: &Key, had: &Bounds, wanted: &[RunningBudget]) -> Result<()> {
        let mut missing: Vec<Budget> = wanted.iter().map(|of| self.budget(key, of)).collect();
        for StoredBudget { budget: had, .. } in had.stored_budgets(key.id) {
            let same = |new: &Budget| new.period == had.period;
            match missing.iter().position(same).map(|at| missing.remove(at)) {
                None => {
                    self.gone_budgets.push(had.id);
                    self.note_budget("budget.deleted", Some(had), None)?;
                }
                Some(new) if (new.amount, new.hard, new.since) != (had.amount, had.hard, had.since) => {
                    let new = Budget { id: had.id, ..new };
                    self.changed_budgets.push(new);
                    self.note_budget("budget.updated", Some(had), Some(&new))?;
                }
                Some(_) => {}
            }
        }
        for budget in missing {
            self.note_budget("budget.created", None, Some(&budget))?;
            self.new_budgets.push(StoredBudget {
                organization: key.organization_id,
                budget,
                created_at: self.core.now(),
                created_by: self.actor.audit_name(),
                crossed_at: None,
            });
        }
        Ok(())
    }

    /// Writes all of it; answers what gateways must hear of, and the entries for the audit log.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<(Vec<Change>, Vec<NewEntry>)> {
        // What goes makes room for what comes.
        tx.limits().delete_many(&self.gone_limits).await?;
        tx.limits().update_many(&self.changed_limits).await?;
        tx.limits().insert_many(&self.new_limits).await?;
        tx.budgets().delete_many(&self.gone_budgets).await?;
        tx.budgets().update_many(&self.changed_budgets).await?;
        tx.budgets().insert_many(&self.new_budgets).await?;
        let organization = self.actor.organization;
        let mut changes = Vec::new();
        if self.entries.iter().any(|entry| entry.action.starts_with("limit.")) {
            changes.push(Change::Limits(organization));
        }
        if self.entries.iter().any(|entry| entry.action.starts_with("budget.")) {
            changes.push(Change::Budgets(organization));
        }
        Ok((changes, self.entries))
    }

    fn limit(&self, key: &Key, of: &KeyLimit) -> Result<Limit> {
        Ok(Limit {
            id: LimitId::mint(self.core.now(), &self.core.entropy),
            scope: Scope::Key(key.id),
            environment: key.environment,
            endpoint: of.endpoint,
            kind: of.kind,
            amount: of.amount,
            burst: limits::checked(of.kind, of.amount, of.burst)?,
        })
    }

    fn budget(&self, key: &Key, of: &RunningBudget) -> Budget {
        let KeyBudget { amount, period, hard } = of.budget;
        Budget {
            id: BudgetId::mint(self.core.now(), &self.core.entropy),
            scope: Scope::Key(key.id),
            environment: key.environment,
            period,
            amount,
            hard,
            since: of.since,
        }
    }

    fn note_limit(&mut self, action: &'static str, was: Option<&Limit>, is: Option<&Limit>) -> Result<()> {
        let target = was.or(is).map(|limit| limit.id.to_string()).unwrap_or_default();
        let before = was.map(crate::limits::audited_json).transpose()?;
        let after = is.map(crate::limits::audited_json).transpose()?;
        self.entries.push(self.core.entry(self.actor, Did { action, target, before, after }));
        Ok(())
    }

    fn note_budget(&mut self, action: &'static str, was: Option<&Budget>, is: Option<&Budget>) -> Result<()> {
        let target = was.or(is).map(|budget| budget.id.to_string()).unwrap_or_default();
        let before = was.map(crate::budgets::audited_json).transpose()?;
        let after = is.map(crate::budgets::audited_json).transpose()?;
        self.entries.push(self.core.entry(self.actor, Did { action, target, before, after }));
        Ok(())
    }
}
