//! Rate limits. What is used of them is not stored; which node may use how much of them, sometimes.

mod leases;

use domain::{
    KeyId, LimitId, OrganizationId, Timestamp,
    budgets::Scope,
    keys::Environment,
    limits::{Limit, LimitKind},
    usage::Endpoint,
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::{Error, Result, db::Conn, dialect::ForUpdate, pieces::Pieces};

pub use leases::Leased;

/// A limit as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLimit {
    /// Whose it is.
    pub organization: OrganizationId,
    /// The limit.
    pub limit: Limit,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it: an audit actor.
    pub created_by: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: LimitId,
    organization_id: OrganizationId,
    scope: String,
    subject: Uuid,
    environment: Environment,
    endpoint: Option<Endpoint>,
    kind: LimitKind,
    amount: i64,
    burst: i64,
    created_at: Timestamp,
    created_by: String,
}

impl TryFrom<Row> for StoredLimit {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let scope = Scope::from_parts(&row.scope, row.subject)
            .ok_or_else(|| Error::Corrupt(format!("limit of scope {:?}", row.scope)))?;
        let Row { id, environment, endpoint, kind, .. } = row;
        // The table holds none below one.
        let (amount, burst) = (row.amount.unsigned_abs(), row.burst.unsigned_abs());
        Ok(Self {
            organization: row.organization_id,
            limit: Limit { id, scope, environment, endpoint, kind, amount, burst },
            created_at: row.created_at,
            created_by: row.created_by,
        })
    }
}

macro_rules! columns {
    () => {
        "id, organization_id, scope, subject, environment, endpoint, kind, amount, burst, created_at, created_by"
    };
}

mod bulk;

/// The repository.
#[derive(Debug)]
pub struct Limits<'c>(pub(crate) Conn<'c>);

impl Limits<'_> {
    /// Adds a limit.
    ///
    /// # Errors
    /// A duplicate when there is one for the same scope, environment, endpoint and kind.
    pub async fn insert(&mut self, new: &StoredLimit) -> Result<()> {
        self.insert_many(std::slice::from_ref(new)).await
    }

    /// Changes how much may be used, and how much of it at once.
    pub async fn update(&mut self, id: LimitId, amount: u64, burst: u64) -> Result<()> {
        const SQL: &str = "UPDATE limits SET amount = $2, burst = $3 WHERE id = $1";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(id).bind(stored(amount)).bind(stored(burst)).execute(c).await?;
            Ok(())
        })
    }

    /// Takes a limit away.
    pub async fn delete(&mut self, id: LimitId) -> Result<()> {
        run!(self.0, |c| {
            sqlx::query("DELETE FROM limits WHERE id = $1").bind(id).execute(c).await?;
            Ok(())
        })
    }

    /// The limits of these keys, of each its own.
    pub async fn of_keys(&mut self, organization: OrganizationId, keys: &[KeyId]) -> Result<Vec<StoredLimit>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Row> = run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM limits WHERE "));
            Pieces::of_keys(organization, keys).write(&mut q);
            q.push(" ORDER BY id");
            q.build_query_as().persistent(false).fetch_all(c).await?
        });
        rows.into_iter().map(StoredLimit::try_from).collect()
    }

    /// Takes away the limits of these keys; answers each with its key.
    pub async fn delete_of_keys(
        &mut self,
        organization: OrganizationId,
        keys: &[KeyId],
    ) -> Result<Vec<(LimitId, KeyId)>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("DELETE FROM limits WHERE ");
            Pieces::of_keys(organization, keys).write(&mut q);
            q.push(" RETURNING id, subject");
            Ok(q.build_query_as().persistent(false).fetch_all(c).await?)
        })
    }

    /// A limit of the organization.
    pub async fn get(&mut self, organization: OrganizationId, id: LimitId) -> Result<Option<StoredLimit>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM limits WHERE organization_id = $1 AND id = $2");
        let row: Option<Row> =
            run!(self.0, |c| sqlx::query_as(SQL).bind(organization).bind(id).fetch_optional(c).await?);
        row.map(StoredLimit::try_from).transpose()
    }

    /// As [`Limits::get`], for a transaction that is going to change the limit: nobody else changes it
    /// between this and the commit.
    pub async fn get_for_update(&mut self, organization: OrganizationId, id: LimitId) -> Result<Option<StoredLimit>> {
        let row: Option<Row> = run!(self.0, |c| {
            let mut q =
                QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM limits WHERE organization_id = "));
            q.push_bind(organization).push(" AND id = ").push_bind(id).push(DB::FOR_UPDATE);
            q.build_query_as().fetch_optional(c).await?
        });
        row.map(StoredLimit::try_from).transpose()
    }

    /// The organization's limits, the oldest first.
    pub async fn list(&mut self, organization: OrganizationId) -> Result<Vec<StoredLimit>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM limits WHERE organization_id = $1 ORDER BY id");
        let rows: Vec<Row> = run!(self.0, |c| sqlx::query_as(SQL).bind(organization).fetch_all(c).await?);
        rows.into_iter().map(StoredLimit::try_from).collect()
    }

    /// The organizations that have any.
    pub async fn organizations(&mut self) -> Result<Vec<OrganizationId>> {
        const SQL: &str = "SELECT DISTINCT organization_id FROM limits";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).fetch_all(c).await?))
    }
}

/// An amount as the column holds it. The domain allows none that does not fit.
fn stored(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
