//! The company's budgets and limits.

use domain::{
    BudgetId, LimitId, Money, Timestamp,
    budgets::{Budget, Period, Scope},
    keys::Environment,
    limits::{Limit, LimitKind},
    usage::BUCKET,
};
use store::{Tx, budgets::StoredBudget, limits::StoredLimit};

use super::company::Company;
use crate::{
    commands::{Failure, fail},
    open::Installation,
};

const MADE_BY: &str = "system:demo";

/// Sets budgets beside what was spent, so that some are near their edge, and limits.
pub(super) async fn set(installation: &Installation, company: &Company) -> Result<(), Failure> {
    let bounds = Bounds { installation, company, now: installation.clock.now() };
    let mut tx = installation.db.begin().await.map_err(fail)?;
    let organization = Scope::Organization(company.organization);
    let teams: Vec<Scope> = company.parents.keys().copied().map(Scope::Team).collect();
    let live = || company.keys.iter().filter(|key| key.environment == Environment::Live);
    let (keys, owners) = (live().map(|key| Scope::Key(key.id)), live().filter_map(|key| key.owner_id.map(Scope::User)));
    bounds.budget(&mut tx, organization, Period::Month, 150, true).await?;
    bounds.budget(&mut tx, organization, Period::Day, 90, false).await?;
    for (team, percent) in teams.iter().zip([210, 104, 130]) {
        bounds.budget(&mut tx, *team, Period::Month, percent, true).await?;
    }
    for (person, percent) in owners.take(1).zip([115]) {
        bounds.budget(&mut tx, person, Period::Month, percent, true).await?;
    }
    for (key, percent) in keys.clone().take(3).zip([180, 102, 400]) {
        bounds.budget(&mut tx, key, Period::Month, percent, true).await?;
    }
    bounds.limit(&mut tx, organization, LimitKind::Requests, 3_000).await?;
    bounds.limit(&mut tx, organization, LimitKind::Tokens, 2_000_000).await?;
    for key in keys.take(2) {
        bounds.limit(&mut tx, key, LimitKind::Requests, 120).await?;
        bounds.limit(&mut tx, key, LimitKind::Parallel, 10).await?;
    }
    tx.commit().await.map_err(fail)
}

struct Bounds<'a> {
    installation: &'a Installation,
    company: &'a Company,
    now: Timestamp,
}

impl Bounds<'_> {
    /// A budget of so many per cent of what was spent in its present period.
    async fn budget(&self, tx: &mut Tx, scope: Scope, period: Period, percent: i64, hard: bool) -> Result<(), Failure> {
        let (organization, environment) = (self.company.organization, Environment::Live);
        let window = period.window(self.now, "UTC", self.now);
        let spent = tx.budgets().spent(organization, scope, environment, window).await.map_err(fail)?;
        let id = BudgetId::mint(self.now, &self.installation.entropy);
        let amount = round(spent.nanos().saturating_mul(percent) / 100);
        let budget = Budget { id, scope, environment, period, amount, hard, since: self.now.floor(BUCKET) };
        let crossed_at = (spent > amount).then_some(self.now);
        let created_by = MADE_BY.to_owned();
        let stored = StoredBudget { organization, budget, created_at: self.now, created_by, crossed_at };
        match tx.budgets().insert(&stored).await {
            Err(error) if !error.is_duplicate() => Err(fail(error)),
            _ => Ok(()),
        }
    }

    async fn limit(&self, tx: &mut Tx, scope: Scope, kind: LimitKind, amount: u64) -> Result<(), Failure> {
        let id = LimitId::mint(self.now, &self.installation.entropy);
        let limit = Limit { id, scope, environment: Environment::Live, endpoint: None, kind, amount, burst: amount };
        let (organization, created_by) = (self.company.organization, MADE_BY.to_owned());
        tx.limits().insert(&StoredLimit { organization, limit, created_at: self.now, created_by }).await.map_err(fail)
    }
}

/// An amount as people set them: in halves, and at least one.
fn round(nanos: i64) -> Money {
    const HALF: i64 = 500_000_000;
    Money::from_nanos(((nanos + HALF / 2) / HALF * HALF).max(2 * HALF))
}
