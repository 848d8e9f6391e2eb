//! API keys.

mod filter;
mod groups;
mod labels;
mod narrow;
mod reach;
mod secrets;

use domain::{
    KeyId, Money, OrganizationId, TeamId, TemplateId, Timestamp, UserId,
    keys::{
        Asked, Environment, GroupId, KeyCursor, KeyDescription, KeyFilter, KeyGroup, KeyName, KeySort, KeyStatus,
        Labels, Rules, searchable,
    },
    secrets::SecretHash,
    text::folded,
};
use sqlx::QueryBuilder;

use crate::{Result, db::Conn, dialect::ForUpdate, pieces::Pieces};

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
    /// Its calls in the last 30 days, as the books have them.
    pub calls: i64,
    /// Those of them that failed.
    pub errors: i64,
    /// What they cost.
    pub cost: Money,
    /// The template that it is by.
    pub template_id: Option<TemplateId>,
    /// Which of its versions.
    pub template_version: Option<i64>,
    /// Since when it has its present secret.
    pub secret_made_at: Timestamp,
    /// From when on that should be changed.
    pub rotation_due_at: Option<Timestamp>,
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

/// One page of a list of keys.
#[derive(Debug, Clone)]
pub struct KeyPage<'a> {
    /// Which keys.
    pub filter: &'a KeyFilter,
    /// What the filter must know beside the keys.
    pub asked: &'a Asked,
    /// In which order.
    pub sort: KeySort,
    /// The owners, teams or templates in their order, where the list is ordered by them: all that
    /// [`Keys::groups`] answers. Keys of none come behind.
    pub groups: &'a [GroupId],
    /// Only what comes after this in the list.
    pub after: Option<KeyCursor>,
    /// At most so many.
    pub limit: i64,
}

macro_rules! columns {
    () => {
        "id, organization_id, team_id, owner_id, created_by, name, environment, status, secret_hash, last_four, labels,
        created_at, expires_at, last_used_at, revoked_at, calls, errors, cost, description, rules,
        template_id, template_version, secret_made_at, rotation_due_at"
    };
}

impl Key {
    /// All of it that is searched.
    pub fn search(&self) -> String {
        searchable([self.name.as_str(), self.description.as_str(), &self.last_four], &self.labels)
    }

    /// The owner, team or template.
    fn group(&self, by: KeyGroup) -> Option<GroupId> {
        match by {
            KeyGroup::Owner => self.owner_id.map(UserId::uuid),
            KeyGroup::Team => self.team_id.map(TeamId::uuid),
            KeyGroup::Template => self.template_id.map(TemplateId::uuid),
        }
    }

    /// Where a page of that order ends when it ends with this key.
    pub fn cursor(&self, sort: KeySort) -> KeyCursor {
        filter::cursor(self, sort)
    }
}

mod bulk;

/// The repository.
#[derive(Debug)]
pub struct Keys<'c>(pub(crate) Conn<'c>);

impl Keys<'_> {
    /// Adds a key.
    pub async fn insert(&mut self, key: &Key) -> Result<()> {
        const SQL: &str = concat!(
            "INSERT INTO api_keys (",
            columns!(),
            ", name_folded, search, reach)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23, $24, $25, $26, $27)"
        );
        let k = key;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(k.id).bind(k.organization_id).bind(k.team_id).bind(k.owner_id);
            let insert = insert.bind(&k.created_by).bind(&k.name).bind(k.environment).bind(k.status);
            let insert = insert.bind(k.secret_hash).bind(&k.last_four).bind(&k.labels).bind(k.created_at);
            let insert = insert.bind(k.expires_at).bind(k.last_used_at).bind(k.revoked_at);
            let insert = insert.bind(k.calls).bind(k.errors).bind(k.cost).bind(&k.description).bind(&k.rules);
            let insert = insert.bind(k.template_id).bind(k.template_version);
            let insert = insert.bind(k.secret_made_at).bind(k.rotation_due_at);
            let insert = insert.bind(folded(k.name.as_str())).bind(k.search()).bind(k.rules.reach(k.environment));
            insert.execute(c).await?;
        });
        self.insert_labels(std::slice::from_ref(key)).await
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

    /// A page of the organization's keys.
    pub async fn list(&mut self, organization: OrganizationId, page: &KeyPage<'_>) -> Result<Vec<Key>> {
        let mut pieces = self.matching(organization, page.filter, page.asked).await?;
        if let Some(by) = page.sort.column.group() {
            return self.grouped(page, by, pieces).await;
        }
        filter::page(&mut pieces, page.sort, page.after.as_ref());
        self.rows(pieces, page.limit).await
    }

    async fn rows(&mut self, pieces: Pieces, limit: i64) -> Result<Vec<Key>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM api_keys WHERE "));
            pieces.write(&mut q);
            q.push(" LIMIT ").push_bind(limit);
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// How many of the organization's keys match.
    pub async fn count(&mut self, organization: OrganizationId, filter: &KeyFilter, asked: &Asked) -> Result<i64> {
        let pieces = self.matching(organization, filter, asked).await?;
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT count(*) FROM api_keys WHERE ");
            pieces.write(&mut q);
            Ok(q.build_query_scalar().fetch_one(c).await?)
        })
    }

    /// Writes what can be changed of a key: name, description, status, labels, team, owner, expiry, rules. A revoked
    /// key stays revoked, whatever is written by someone who read it before.
    pub async fn update(&mut self, key: &Key) -> Result<()> {
        const SQL: &str = "UPDATE api_keys SET name = $3, name_folded = $10,
            status = CASE WHEN status = 'revoked' THEN status ELSE $4 END, labels = $5, team_id = $6, owner_id = $7,
            expires_at = $8, revoked_at = COALESCE(revoked_at, $9), description = $11, rules = $12, reach = $13
            WHERE organization_id = $1 AND id = $2";
        let k = key;
        run!(self.0, |c| {
            let update = sqlx::query(SQL).bind(k.organization_id).bind(k.id).bind(&k.name).bind(k.status);
            let update = update.bind(&k.labels).bind(k.team_id).bind(k.owner_id).bind(k.expires_at);
            let update = update.bind(k.revoked_at).bind(folded(k.name.as_str()));
            let update = update.bind(&k.description).bind(&k.rules).bind(k.rules.reach(k.environment));
            if update.execute(c).await?.rows_affected() == 0 {
                return Ok(());
            }
        });
        self.relabel(std::slice::from_ref(key)).await
    }
}
