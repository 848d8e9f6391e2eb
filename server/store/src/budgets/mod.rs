//! Budgets, and what was spent of them.

use domain::{
    BudgetId, KeyId, Money, OrganizationId, Timestamp,
    budgets::{Budget, Period, Scope, Window},
    keys::Environment,
    organizations::TimeZone,
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::{Error, Result, db::Conn, dialect::ForUpdate, pieces::Pieces};

/// A budget as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBudget {
    /// Whose it is.
    pub organization: OrganizationId,
    /// The budget.
    pub budget: Budget,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it: an audit actor.
    pub created_by: String,
    /// When what was spent last passed the amount.
    pub crossed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: BudgetId,
    organization_id: OrganizationId,
    scope: String,
    subject: Uuid,
    environment: Environment,
    period: Period,
    amount: Money,
    hard: bool,
    since: Timestamp,
    created_at: Timestamp,
    created_by: String,
    crossed_at: Option<Timestamp>,
}

impl TryFrom<Row> for StoredBudget {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let scope = Scope::from_parts(&row.scope, row.subject)
            .ok_or_else(|| Error::Corrupt(format!("budget of scope {:?}", row.scope)))?;
        let Row { id, environment, period, amount, hard, since, .. } = row;
        Ok(Self {
            organization: row.organization_id,
            budget: Budget { id, scope, environment, period, amount, hard, since },
            created_at: row.created_at,
            created_by: row.created_by,
            crossed_at: row.crossed_at,
        })
    }
}

macro_rules! columns {
    () => {
        "id, organization_id, scope, subject, environment, period, amount, hard, since, created_at, created_by, crossed_at"
    };
}

mod bulk;

/// The repository.
#[derive(Debug)]
pub struct Budgets<'c>(pub(crate) Conn<'c>);

impl Budgets<'_> {
    /// Adds a budget.
    ///
    /// # Errors
    /// A duplicate when there is one for the same scope, environment and period.
    pub async fn insert(&mut self, new: &StoredBudget) -> Result<()> {
        self.insert_many(std::slice::from_ref(new)).await
    }

    /// Changes how much may be spent and whether that holds.
    pub async fn update(&mut self, id: BudgetId, amount: Money, hard: bool) -> Result<()> {
        const SQL: &str = "UPDATE budgets SET amount = $2, hard = $3 WHERE id = $1";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(id).bind(amount).bind(hard).execute(c).await?;
            Ok(())
        })
    }

    /// Notes when what was spent passed the amount.
    pub async fn cross(&mut self, id: BudgetId, at: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE budgets SET crossed_at = $2 WHERE id = $1";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(id).bind(at).execute(c).await?;
            Ok(())
        })
    }

    /// Takes a budget away.
    pub async fn delete(&mut self, id: BudgetId) -> Result<()> {
        run!(self.0, |c| {
            sqlx::query("DELETE FROM budgets WHERE id = $1").bind(id).execute(c).await?;
            Ok(())
        })
    }

    /// The budgets of these keys, of each its own.
    pub async fn of_keys(&mut self, organization: OrganizationId, keys: &[KeyId]) -> Result<Vec<StoredBudget>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Row> = run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM budgets WHERE "));
            Pieces::of_keys(organization, keys).write(&mut q);
            q.push(" ORDER BY id");
            q.build_query_as().persistent(false).fetch_all(c).await?
        });
        rows.into_iter().map(StoredBudget::try_from).collect()
    }

    /// Takes away the budgets of these keys; answers each with its key.
    pub async fn delete_of_keys(
        &mut self,
        organization: OrganizationId,
        keys: &[KeyId],
    ) -> Result<Vec<(BudgetId, KeyId)>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("DELETE FROM budgets WHERE ");
            Pieces::of_keys(organization, keys).write(&mut q);
            q.push(" RETURNING id, subject");
            Ok(q.build_query_as().persistent(false).fetch_all(c).await?)
        })
    }

    /// A budget of the organization.
    pub async fn get(&mut self, organization: OrganizationId, id: BudgetId) -> Result<Option<StoredBudget>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM budgets WHERE organization_id = $1 AND id = $2");
        let row: Option<Row> =
            run!(self.0, |c| sqlx::query_as(SQL).bind(organization).bind(id).fetch_optional(c).await?);
        row.map(StoredBudget::try_from).transpose()
    }

    /// As [`Budgets::get`], for a transaction that is going to change the budget: nobody else changes it
    /// between this and the commit.
    pub async fn get_for_update(&mut self, organization: OrganizationId, id: BudgetId) -> Result<Option<StoredBudget>> {
        let row: Option<Row> = run!(self.0, |c| {
            let mut q =
                QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM budgets WHERE organization_id = "));
            q.push_bind(organization).push(" AND id = ").push_bind(id).push(DB::FOR_UPDATE);
            q.build_query_as().fetch_optional(c).await?
        });
        row.map(StoredBudget::try_from).transpose()
    }

    /// The organization's budgets, the oldest first.
    pub async fn list(&mut self, organization: OrganizationId) -> Result<Vec<StoredBudget>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM budgets WHERE organization_id = $1 ORDER BY id");
        let rows: Vec<Row> = run!(self.0, |c| sqlx::query_as(SQL).bind(organization).fetch_all(c).await?);
        rows.into_iter().map(StoredBudget::try_from).collect()
    }

    /// The organizations that have any.
    pub async fn organizations(&mut self) -> Result<Vec<OrganizationId>> {
        const SQL: &str = "SELECT DISTINCT organization_id FROM budgets";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).fetch_all(c).await?))
    }

    /// By which calendar the organization's budgets begin anew.
    pub async fn zone(&mut self, organization: OrganizationId) -> Result<TimeZone> {
        const SQL: &str = "SELECT time_zone FROM organizations WHERE id = $1";
        let zone: Option<TimeZone> =
            run!(self.0, |c| sqlx::query_scalar(SQL).bind(organization).fetch_optional(c).await?);
        Ok(zone.unwrap_or_else(TimeZone::utc))
    }

    /// What the books say was spent in a window. Windows begin and end on quarters of an hour, in
    /// every time zone, and so do the sums.
    pub async fn spent(
        &mut self,
        organization: OrganizationId,
        scope: Scope,
        environment: Environment,
        window: Window,
    ) -> Result<Money> {
        self.sum(["usage_rollups", "bucket"], organization, scope, environment, window).await
    }

    /// The same from the events themselves, which takes longer.
    pub async fn spent_by_events(
        &mut self,
        organization: OrganizationId,
        scope: Scope,
        environment: Environment,
        window: Window,
    ) -> Result<Money> {
        self.sum(["usage_events", "at"], organization, scope, environment, window).await
    }

    async fn sum(
        &mut self,
        [table, time]: [&'static str; 2],
        organization: OrganizationId,
        scope: Scope,
        environment: Environment,
        window: Window,
    ) -> Result<Money> {
        let sum: Option<Money> = run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT CAST(sum(cost) AS BIGINT) FROM ");
            q.push(table).push(" WHERE organization_id = ").push_bind(organization);
            q.push(" AND environment = ").push_bind(environment);
            q.push(" AND ").push(time).push(" >= ").push_bind(window.start);
            if let Some(end) = window.end {
                q.push(" AND ").push(time).push(" < ").push_bind(end);
            }
            match scope {
                Scope::Organization(_) => {}
                Scope::Team(team) => {
                    q.push(" AND (team_id = ").push_bind(team).push(" OR parent_team_id = ").push_bind(team).push(")");
                }
                Scope::User(user) => {
                    q.push(" AND user_id = ").push_bind(user);
                }
                Scope::Key(key) => {
                    q.push(" AND key_id = ").push_bind(key);
                }
            }
            q.build_query_scalar().fetch_one(c).await?
        });
        Ok(sum.unwrap_or_default())
    }
}
