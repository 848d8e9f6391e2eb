use domain::{
    Money,
    budgets::{Balance, Budget, BudgetView, Period, Scope},
    identity::Permission,
    keys::Environment,
};
use store::{Reader, budgets::StoredBudget};

use super::Budgets;
use crate::{Actor, Error, Result, subjects::Subjects};

/// What the audit log keeps of a budget: all that was decided.
#[derive(serde::Serialize)]
pub(super) struct Audited {
    scope: Scope,
    environment: Environment,
    period: Period,
    amount: Money,
    hard: bool,
}

pub(super) fn audited(budget: &Budget) -> Audited {
    let Budget { scope, environment, period, amount, hard, .. } = *budget;
    Audited { scope, environment, period, amount, hard }
}

impl Budgets {
    pub(super) async fn view_one(&self, actor: &Actor, budget: StoredBudget) -> Result<BudgetView> {
        let id = budget.budget.id;
        let mut reader = self.core.db.read().await?;
        let views = self.views(&mut reader, actor, vec![budget]).await?;
        views.into_iter().next().ok_or_else(|| Error::internal(format!("{id} has no view")))
    }

    /// Adds to each budget what its scope is called and how it stands.
    pub(super) async fn views(
        &self,
        reader: &mut Reader,
        actor: &Actor,
        budgets: Vec<StoredBudget>,
    ) -> Result<Vec<BudgetView>> {
        let subjects = Subjects::of(reader, actor, budgets.iter().map(|budget| budget.budget.scope)).await?;
        let mut views = Vec::with_capacity(budgets.len());
        for budget in budgets {
            views.push(self.view(reader, actor, &subjects, &budget).await?);
        }
        Ok(views)
    }

    pub(super) async fn view(
        &self,
        reader: &mut Reader,
        actor: &Actor,
        subjects: &Subjects,
        stored: &StoredBudget,
    ) -> Result<BudgetView> {
        let balance = self.balance(reader, subjects, stored).await?;
        let name = subjects.name(stored.budget.scope);
        let manageable = actor.may(Permission::BudgetsManage);
        let (made, crossed) = (stored.created_at, stored.crossed_at);
        Ok(BudgetView::new(&balance, name, self.core.settings.currency, made, crossed, manageable))
    }

    /// How a budget stands: what the gateway knows, or what the books say, which is not more than a
    /// moment old and lacks the calls in flight but for what nodes said of them.
    async fn balance(&self, reader: &mut Reader, subjects: &Subjects, stored: &StoredBudget) -> Result<Balance> {
        let StoredBudget { organization, budget, .. } = *stored;
        if let Some(live) = self.core.standing.balance(organization, budget.id) {
            // The gateway may not have heard yet of a change that is being answered here.
            return Ok(Balance { budget, ..live });
        }
        let window = budget.period.window(self.core.now(), subjects.organization.time_zone.as_str(), budget.since);
        let spent = reader.budgets().spent(organization, budget.scope, budget.environment, window).await?;
        let held = reader.leases().held(budget.id, window.start).await?;
        Ok(Balance { budget, window, spent, held })
    }
}
