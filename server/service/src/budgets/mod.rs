//! Budgets: how much may be spent, and what is left of it.

mod view;

use domain::{
    BudgetId, Currency, KeyId, Page, PageQuery,
    budgets::{Budget, BudgetChanges, BudgetQuery, BudgetView, NewBudget, amount},
    identity::Permission,
    keys::Environment,
    usage::BUCKET,
};
use store::{Tx, budgets::StoredBudget, changes::Change};

use crate::{
    Actor, Core, Error, Result,
    audit::{Deed, created},
    subjects::{self, Bearers, Placed, Subjects, Wanted, in_order},
};

/// Budgets.
#[derive(Debug, Clone)]
pub struct Budgets {
    core: Core,
}

impl Budgets {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// In which currency budgets are.
    pub fn currency(&self) -> Currency {
        self.core.settings.currency
    }

    /// The organization's budgets that match, the oldest first.
    ///
    /// # Errors
    /// When a filter is none, or names a key that there is not.
    pub async fn list(&self, actor: &Actor, query: &BudgetQuery, page: &PageQuery) -> Result<Page<BudgetView>> {
        actor.require(Permission::BudgetsRead)?;
        let (limit, after) = (page.limit()?, page.after::<BudgetId>()?);
        let mut reader = self.core.db.read().await?;
        let wanted = Wanted::of(&mut reader, actor, query).await?;
        let mut budgets = reader.budgets().list(actor.organization).await?;
        budgets.retain(|b| after.is_none_or(|after| b.budget.id > after));
        budgets.retain(|b| wanted.holds(b.budget.scope, b.budget.environment));
        let Page { data, next_cursor } = Page::cut(budgets, limit, |b| b.budget.id.to_string());
        Ok(Page { data: self.views(&mut reader, actor, data).await?, next_cursor })
    }

    /// All budgets of the organization, each below those that bound it too: the organization's, its
    /// teams', its people's, its keys'.
    pub async fn tree(&self, actor: &Actor, environment: Option<Environment>) -> Result<Vec<Placed<BudgetView>>> {
        actor.require(Permission::BudgetsRead)?;
        let mut reader = self.core.db.read().await?;
        let mut budgets = reader.budgets().list(actor.organization).await?;
        budgets.retain(|stored| environment.is_none_or(|environment| stored.budget.environment == environment));
        let subjects = Subjects::of(&mut reader, actor, budgets.iter().map(|budget| budget.budget.scope)).await?;
        let order = |b: &StoredBudget| (b.budget.environment == Environment::Test, b.budget.period);
        let mut placed = Vec::with_capacity(budgets.len());
        for Placed { depth, item } in in_order(budgets, &subjects, |b| b.budget.scope, order) {
            placed.push(Placed { depth, item: self.view(&mut reader, actor, &subjects, &item).await? });
        }
        Ok(placed)
    }

    /// What a budget can be made for: for a form that makes one. A key that is named is among the keys,
    /// however old it is.
    ///
    /// # Errors
    /// When there is no key of that name.
    pub async fn bearers(&self, actor: &Actor, named: Option<KeyId>) -> Result<Bearers> {
        Bearers::of(&self.core, actor, Permission::BudgetsManage, named).await
    }

    /// One budget.
    pub async fn get(&self, actor: &Actor, id: BudgetId) -> Result<BudgetView> {
        actor.require(Permission::BudgetsRead)?;
        let budget = self.core.db.read().await?.budgets().get(actor.organization, id).await?;
        self.view_one(actor, budget.ok_or_else(nothing)?).await
    }

    /// Puts a budget in force.
    ///
    /// # Errors
    /// When the amount is none, the scope is not the organization's, or there is such a budget already.
    pub async fn create(&self, actor: &Actor, new: NewBudget) -> Result<BudgetView> {
        actor.require(Permission::BudgetsManage)?;
        let (now, amount) = (self.core.now(), amount(new.amount)?);
        let NewBudget { scope, environment, period, hard, .. } = new;
        let mut tx = self.core.db.begin().await?;
        subjects::check(&mut tx, actor, scope, environment).await?;
        let id = BudgetId::mint(now, &self.core.entropy);
        // What the books sum up by: a budget can begin to count only at the start of one.
        let budget = Budget { id, scope, environment, period, amount, hard, since: now.floor(BUCKET) };
        let stored = StoredBudget {
            organization: actor.organization,
            budget,
            created_at: now,
            created_by: actor.audit_name(),
            crossed_at: None,
        };
        tx.budgets().insert(&stored).await.map_err(|e| match e.is_duplicate() {
            true => {
                Error::taken("period", "There is a budget for the same spending and period already. Change that one.")
            }
            false => e.into(),
        })?;
        let deed = view::audited(&budget);
        self.core.audit(&mut tx, actor, created("budget.created", id.to_string(), &deed)).await?;
        self.core.commit_changes(tx, &[Change::Budgets(actor.organization)]).await?;
        self.view_one(actor, stored).await
    }

    /// Changes how much may be spent, or whether that holds. It is in force from the next call on; what
    /// was spent stays spent. A change that changes nothing is neither written nor told.
    ///
    /// # Errors
    /// When the amount is none.
    pub async fn update(&self, actor: &Actor, id: BudgetId, changes: BudgetChanges) -> Result<BudgetView> {
        actor.require(Permission::BudgetsManage)?;
        let wanted = changes.amount.map(amount).transpose()?;
        let mut tx = self.core.db.begin().await?;
        let before = find(&mut tx, actor, id).await?;
        let mut stored = before.clone();
        stored.budget.amount = wanted.unwrap_or(before.budget.amount);
        stored.budget.hard = changes.hard.unwrap_or(before.budget.hard);
        if stored == before {
            tx.commit().await?;
            return self.view_one(actor, stored).await;
        }
        tx.budgets().update(id, stored.budget.amount, stored.budget.hard).await?;
        let (was, is) = (view::audited(&before.budget), view::audited(&stored.budget));
        let deed = Deed { action: "budget.updated", target: id.to_string(), before: Some(&was), after: Some(&is) };
        self.core.audit(&mut tx, actor, deed).await?;
        self.core.commit_changes(tx, &[Change::Budgets(actor.organization)]).await?;
        self.view_one(actor, stored).await
    }

    /// Takes a budget out of force, for good.
    pub async fn delete(&self, actor: &Actor, id: BudgetId) -> Result<()> {
        actor.require(Permission::BudgetsManage)?;
        let mut tx = self.core.db.begin().await?;
        let budget = find(&mut tx, actor, id).await?;
        tx.budgets().delete(id).await?;
        let was = view::audited(&budget.budget);
        let deed = Deed { action: "budget.deleted", target: id.to_string(), before: Some(&was), after: None };
        self.core.audit(&mut tx, actor, deed).await?;
        self.core.commit_changes(tx, &[Change::Budgets(actor.organization)]).await
    }
}

/// What the audit log keeps of it, as JSON.
pub(crate) fn audited_json(of: &Budget) -> Result<String> {
    serde_json::to_string(&view::audited(of)).map_err(Error::internal)
}

async fn find(tx: &mut Tx, actor: &Actor, id: BudgetId) -> Result<StoredBudget> {
    tx.budgets().get_for_update(actor.organization, id).await?.ok_or_else(nothing)
}

fn nothing() -> Error {
    Error::not_found("budget")
}
