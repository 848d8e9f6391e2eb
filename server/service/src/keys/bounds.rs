//! The limits and the budget that a key has of its own from a template, or from whoever made it.

use domain::{
    BudgetId, LimitId,
    budgets::{Budget, Scope},
    keys::{KeyBudget, KeyLimit},
    limits::{self, Limit},
    usage::BUCKET,
};
use store::{Tx, budgets::StoredBudget, keys::Key, limits::StoredLimit};

use crate::{Actor, Core, Result, audit::Did};

/// A limit of a key, as it is stored.
pub(super) fn limit(core: &Core, actor: &Actor, key: &Key, of: &KeyLimit) -> Result<StoredLimit> {
    let now = core.now();
    let limit = Limit {
        id: LimitId::mint(now, &core.entropy),
        scope: Scope::Key(key.id),
        environment: key.environment,
        endpoint: of.endpoint,
        kind: of.kind,
        amount: of.amount,
        burst: limits::checked(of.kind, of.amount, of.burst)?,
    };
    Ok(StoredLimit { organization: key.organization_id, limit, created_at: now, created_by: actor.audit_name() })
}

/// A budget of a key, as it is stored.
pub(super) fn budget(core: &Core, actor: &Actor, key: &Key, of: &KeyBudget) -> StoredBudget {
    let now = core.now();
    let budget = Budget {
        id: BudgetId::mint(now, &core.entropy),
        scope: Scope::Key(key.id),
        environment: key.environment,
        period: of.period,
        amount: of.amount,
        hard: of.hard,
        since: now.floor(BUCKET),
    };
    StoredBudget {
        organization: key.organization_id,
        budget,
        created_at: now,
        created_by: actor.audit_name(),
        crossed_at: None,
    }
}

/// Gives a key these limits and no others; those of the same calls and kind stay, and are changed where they
/// must be. Answers what was changed, for the audit log.
pub(super) async fn hold_limits(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    key: &Key,
    had: Vec<StoredLimit>,
    wanted: &[KeyLimit],
) -> Result<Vec<Did>> {
    let mut bounds = Vec::new();
    let mut missing: Vec<StoredLimit> = wanted.iter().map(|of| limit(core, actor, key, of)).collect::<Result<_>>()?;
    for had in had {
        let same = |new: &StoredLimit| (new.limit.kind, new.limit.endpoint) == (had.limit.kind, had.limit.endpoint);
        let was = crate::limits::audited_json(&had.limit)?;
        match missing.iter().position(same).map(|at| missing.remove(at)) {
            None => {
                tx.limits().delete(had.limit.id).await?;
                bounds.push(bound("limit.deleted", had.limit.id, Some(was), None));
            }
            Some(new) if (new.limit.amount, new.limit.burst) != (had.limit.amount, had.limit.burst) => {
                tx.limits().update(had.limit.id, new.limit.amount, new.limit.burst).await?;
                let is = crate::limits::audited_json(&Limit { id: had.limit.id, ..new.limit })?;
                bounds.push(bound("limit.updated", had.limit.id, Some(was), Some(is)));
            }
            Some(_) => {}
        }
    }
    for new in missing {
        tx.limits().insert(&new).await?;
        let is = crate::limits::audited_json(&new.limit)?;
        bounds.push(bound("limit.created", new.limit.id, None, Some(is)));
    }
    Ok(bounds)
}

/// The same with a key's budget. One of the same period goes on with what was spent of it.
pub(super) async fn hold_budget(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    key: &Key,
    had: Vec<StoredBudget>,
    wanted: Option<&KeyBudget>,
) -> Result<Vec<Did>> {
    let mut bounds = Vec::new();
    let mut missing = wanted.map(|of| budget(core, actor, key, of));
    for had in had {
        let was = crate::budgets::audited_json(&had.budget)?;
        match missing.take_if(|new| new.budget.period == had.budget.period) {
            None => {
                tx.budgets().delete(had.budget.id).await?;
                bounds.push(bound("budget.deleted", had.budget.id, Some(was), None));
            }
            Some(new) if (new.budget.amount, new.budget.hard) != (had.budget.amount, had.budget.hard) => {
                tx.budgets().update(had.budget.id, new.budget.amount, new.budget.hard).await?;
                let is = crate::budgets::audited_json(&Budget { id: had.budget.id, ..new.budget })?;
                bounds.push(bound("budget.updated", had.budget.id, Some(was), Some(is)));
            }
            Some(_) => {}
        }
    }
    if let Some(new) = missing {
        tx.budgets().insert(&new).await?;
        let is = crate::budgets::audited_json(&new.budget)?;
        bounds.push(bound("budget.created", new.budget.id, None, Some(is)));
    }
    Ok(bounds)
}

/// Gives new keys these limits and this budget, each key its own. Answers what was made, for the audit log.
pub(super) async fn begin(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    keys: &[Key],
    limits: &[KeyLimit],
    wanted: Option<&KeyBudget>,
) -> Result<Vec<Did>> {
    let each = keys.iter().flat_map(|key| limits.iter().map(move |of| limit(core, actor, key, of)));
    let limits: Vec<StoredLimit> = each.collect::<Result<_>>()?;
    let budgets: Vec<StoredBudget> =
        keys.iter().flat_map(|key| wanted.map(|of| budget(core, actor, key, of))).collect();
    tx.limits().insert_many(&limits).await?;
    tx.budgets().insert_many(&budgets).await?;
    let mut bounds = Vec::with_capacity(limits.len() + budgets.len());
    for new in limits {
        bounds.push(bound("limit.created", new.limit.id, None, Some(crate::limits::audited_json(&new.limit)?)));
    }
    for new in budgets {
        bounds.push(bound("budget.created", new.budget.id, None, Some(crate::budgets::audited_json(&new.budget)?)));
    }
    Ok(bounds)
}

/// A limit or a budget that was made, changed or taken away.
fn bound(action: &'static str, id: impl ToString, before: Option<String>, after: Option<String>) -> Did {
    Did { action, target: id.to_string(), before, after }
}
