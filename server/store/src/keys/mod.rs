//! API keys.

mod secrets;

use domain::{
    KeyId, OrganizationId, TeamId, Timestamp, UserId,
    keys::{Environment, KeyDescription, KeyName, KeyStatus, Labels, Rules},
    secrets::SecretHash,
};
use sqlx::QueryBuilder;

use crate::{
    Result,
    db::Conn,
    dialect::{ForUpdate, containing, folded, storable},
};

pub use self::secrets::{OldSecret, Presented};

/// A key as it is managed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Key {
    /// Its identity, which is no secret.
    pub id: KeyId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Which team's it is.
    pub team_id: Option<TeamId>,
    /// Who answers for it.
    pub owner_id: Option<UserId>,
    /// Who made it: an audit actor such as `user:usr_…`.
    pub created_by: String,
    /// How it is called.
    pub name: KeyName,
    /// What it is for.
    pub description: KeyDescription,
    /// For trying out or for real.
    pub environment: Environment,
    /// Where it is in its life.
    pub status: KeyStatus,
    /// The hash of the secret.
    pub secret_hash: SecretHash,
    /// The secret's last four characters.
    pub last_four: String,
    /// What the organization noted on it.
    pub labels: Labels,
    /// What it may call, and from where.
    pub rules: Rules,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// When its last metered call was admitted.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A key as the gateway needs it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KeySnapshot {
    /// Its identity.
    pub id: KeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Which team's it is.
    pub team: Option<TeamId>,
    /// The team above.
    pub parent_team: Option<TeamId>,
    /// Who answers for it.
    pub user: Option<UserId>,
    /// What the organization noted on it.
    pub labels: Labels,
    /// For trying out or for real.
    pub environment: Environment,
    /// Where it is in its life.
    pub status: KeyStatus,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// What it may call, and from where.
    pub rules: Rules,
}

/// Which keys a list shows. Always one organization's.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    /// Part of the name, in any case, or exactly the last four characters.
    pub text: Option<String>,
    /// Only these statuses; empty for all.
    pub statuses: Vec<KeyStatus>,
    /// Only this environment.
    pub environment: Option<Environment>,
    /// Only what comes after this key in the list, whose order is newest first.
    pub before: Option<KeyId>,
}

macro_rules! columns {
    () => {
        "id, organization_id, team_id, owner_id, created_by, name, environment, status, secret_hash, last_four, labels,
        created_at, expires_at, last_used_at, revoked_at, description, rules"
    };
}

/// Appends the conditions that a filter stands for.
macro_rules! matching {
    ($q:ident, $organization:expr, $filter:expr) => {
        $q.push("organization_id = ").push_bind($organization);
        if let Some(environment) = $filter.environment {
            $q.push(" AND environment = ").push_bind(environment);
        }
        if !$filter.statuses.is_empty() {
            $q.push(" AND status IN (");
            let mut list = $q.separated(", ");
            for status in &$filter.statuses {
                list.push_bind(*status);
            }
            $q.push(")");
        }
        if let Some(text) = &$filter.text {
            let pattern = containing(text);
            $q.push(" AND (name_folded LIKE ")
                .push_bind(pattern)
                .push(" ESCAPE '\\' OR last_four = ")
                .push_bind(storable(text).into_owned())
                .push(")");
        }
    };
}

/// The repository.
#[derive(Debug)]
pub struct Keys<'c>(pub(crate) Conn<'c>);

impl Keys<'_> {
    /// Adds a key.
    pub async fn insert(&mut self, key: &Key) -> Result<()> {
        const SQL: &str = concat!(
            "INSERT INTO api_keys (",
            columns!(),
            ", name_folded)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        );
        let k = key;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(k.id).bind(k.organization_id).bind(k.team_id).bind(k.owner_id);
            let insert = insert.bind(&k.created_by).bind(&k.name).bind(k.environment).bind(k.status);
            let insert = insert.bind(k.secret_hash).bind(&k.last_four).bind(&k.labels).bind(k.created_at);
            let insert = insert.bind(k.expires_at).bind(k.last_used_at).bind(k.revoked_at);
            let insert = insert.bind(&k.description).bind(&k.rules);
            insert.bind(folded(k.name.as_str())).execute(c).await?;
            Ok(())
        })
    }

    /// The organization's key with this identity.
    pub async fn get(&mut self, organization: OrganizationId, id: KeyId) -> Result<Option<Key>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM api_keys WHERE organization_id = $1 AND id = $2");
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(id).fetch_optional(c).await?))
    }

    /// As [`Keys::get`], for a transaction that is going to change the key: nobody else changes it
    /// between this and the commit.
    pub async fn get_for_update(&mut self, organization: OrganizationId, id: KeyId) -> Result<Option<Key>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM api_keys WHERE organization_id = ");
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(SQL);
            q.push_bind(organization).push(" AND id = ").push_bind(id).push(DB::FOR_UPDATE);
            Ok(q.build_query_as().fetch_optional(c).await?)
        })
    }

    /// At most `limit` of the organization's keys, the newest first.
    pub async fn list(&mut self, organization: OrganizationId, filter: &KeyFilter, limit: i64) -> Result<Vec<Key>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM api_keys WHERE "));
            matching!(q, organization, filter);
            if let Some(before) = filter.before {
                q.push(" AND id < ").push_bind(before);
            }
            q.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// How many of the organization's keys match, wherever the list begins.
    pub async fn count(&mut self, organization: OrganizationId, filter: &KeyFilter) -> Result<i64> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT count(*) FROM api_keys WHERE ");
            matching!(q, organization, filter);
            Ok(q.build_query_scalar().fetch_one(c).await?)
        })
    }

    /// Writes what can be changed of a key: name, description, status, labels, team, owner, expiry, rules. A revoked
    /// key stays revoked, whatever is written by someone who read it before.
    pub async fn update(&mut self, key: &Key) -> Result<()> {
        const SQL: &str = "UPDATE api_keys SET name = $3, name_folded = $10,
            status = CASE WHEN status = 'revoked' THEN status ELSE $4 END, labels = $5, team_id = $6, owner_id = $7,
            expires_at = $8, revoked_at = COALESCE(revoked_at, $9), description = $11, rules = $12
            WHERE organization_id = $1 AND id = $2";
        let k = key;
        run!(self.0, |c| {
            let update = sqlx::query(SQL).bind(k.organization_id).bind(k.id).bind(&k.name).bind(k.status);
            let update = update.bind(&k.labels).bind(k.team_id).bind(k.owner_id).bind(k.expires_at);
            let update = update.bind(k.revoked_at).bind(folded(k.name.as_str()));
            update.bind(&k.description).bind(&k.rules).execute(c).await?;
            Ok(())
        })
    }
}
