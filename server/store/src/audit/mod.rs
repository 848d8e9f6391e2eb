//! The audit log.

use domain::{AuditId, KeyId, OrganizationId, RequestId, Timestamp, audit::AuditEntry};

use sqlx::QueryBuilder;

use crate::{Result, db::Conn};

/// How many entries one statement writes. Only statements of this length, or of one, stay prepared.
const CHUNK: usize = 250;

/// An entry before it has its place in the chain.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The entry.
    pub id: AuditId,
    /// Whose log it stands in.
    pub organization: OrganizationId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, e.g. `key.revoked`.
    pub action: &'static str,
    /// On what: a prefixed id.
    pub target: String,
    /// From which address.
    pub ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
    /// By which request.
    pub request_id: Option<RequestId>,
    /// What was, as JSON text.
    pub before: Option<String>,
    /// What is, as JSON text.
    pub after: Option<String>,
}

/// An entry and the link that was stored with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The entry.
    pub entry: AuditEntry,
    /// The hash over the link before and the entry.
    pub link: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: AuditId,
    organization_id: OrganizationId,
    position: i64,
    at: Timestamp,
    actor: String,
    action: String,
    target: String,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<RequestId>,
    before_json: Option<String>,
    after_json: Option<String>,
    link: Vec<u8>,
}

/// The repository.
#[derive(Debug)]
pub struct Audit<'c>(pub(crate) Conn<'c>);

impl Audit<'_> {
    /// Appends an entry to its organization's chain, whose head stays locked until the commit.
    pub async fn append(&mut self, new: NewEntry) -> Result<AuditEntry> {
        let nothing = || crate::Error::Corrupt("an audit log that takes no entry".into());
        self.append_all(new.organization, vec![new]).await?.pop().ok_or_else(nothing)
    }

    /// Appends entries to an organization's chain in their order. The chain's head stays locked until the
    /// commit.
    pub async fn append_all(&mut self, organization: OrganizationId, new: Vec<NewEntry>) -> Result<Vec<AuditEntry>> {
        const HEAD: &str =
            "UPDATE audit_heads SET position = position + $2 WHERE organization_id = $1 RETURNING position, link";
        const INSERT: &str = "INSERT INTO audit_entries (id, organization_id, position, at, actor, action, target, ip,
            user_agent, request_id, before_json, after_json, key_id, link) ";
        const ADVANCE: &str = "UPDATE audit_heads SET link = $2 WHERE organization_id = $1";
        let count = new.len() as i64;
        if count == 0 {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let head = sqlx::query_as::<DB, (i64, Vec<u8>)>(HEAD).bind(organization).bind(count);
            let (last, link) = head.fetch_one(&mut *c).await?;
            let mut link = link.try_into().map_err(|_| crate::Error::Corrupt("the head of an audit log".into()))?;
            let mut linked = Vec::with_capacity(new.len());
            for (entry, position) in new.into_iter().zip(last - count + 1..) {
                let entry = NewEntry { organization, ..entry }.placed(position);
                link = entry.link(&link);
                linked.push((entry, link));
            }
            for chunk in linked.chunks(CHUNK) {
                let mut q = QueryBuilder::<DB>::new(INSERT);
                q.push_values(chunk, |mut row, (e, link)| {
                    row.push_bind(e.id).push_bind(e.organization).push_bind(e.position).push_bind(e.at);
                    row.push_bind(&e.actor).push_bind(&e.action).push_bind(&e.target).push_bind(&e.ip);
                    row.push_bind(&e.user_agent).push_bind(e.request_id).push_bind(&e.before).push_bind(&e.after);
                    row.push_bind(e.about()).push_bind(link.to_vec());
                });
                q.build().persistent(matches!(chunk.len(), 1 | CHUNK)).execute(&mut *c).await?;
            }
            sqlx::query(ADVANCE).bind(organization).bind(link.to_vec()).execute(&mut *c).await?;
            Ok(linked.into_iter().map(|(entry, _)| entry).collect())
        })
    }

    /// At most `limit` entries of an organization from `position` on, in the chain's order.
    pub async fn from(&mut self, organization: OrganizationId, position: i64, limit: i64) -> Result<Vec<Linked>> {
        const SQL: &str = "SELECT id, organization_id, position, at, actor, action, target, ip, user_agent, request_id,
                before_json, after_json, link
            FROM audit_entries WHERE organization_id = $1 AND position >= $2 ORDER BY position LIMIT $3";
        let rows: Vec<Row> =
            run!(self.0, |c| sqlx::query_as(SQL).bind(organization).bind(position).bind(limit).fetch_all(c).await?);
        Ok(rows.into_iter().map(Row::linked).collect())
    }

    /// At most `limit` entries about a key or a limit or budget of its own, the newest first: those before the
    /// position `before`, where one is given.
    pub async fn of_key(
        &mut self,
        organization: OrganizationId,
        key: KeyId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        // Each half is read from the end of its own index, and only as far as the page may need.
        const SQL: &str = "SELECT * FROM (SELECT id, organization_id, position, at, actor, action, target, ip,
                    user_agent, request_id, before_json, after_json, link
                FROM audit_entries WHERE organization_id = $1 AND target = $2 AND position < $4
                ORDER BY position DESC LIMIT $5) AS own
            UNION ALL SELECT * FROM (SELECT id, organization_id, position, at, actor, action, target, ip,
                    user_agent, request_id, before_json, after_json, link
                FROM audit_entries WHERE organization_id = $1 AND key_id = $3 AND position < $4
                ORDER BY position DESC LIMIT $5) AS bounds
            ORDER BY position DESC LIMIT $5";
        let (target, before) = (key.to_string(), before.unwrap_or(i64::MAX));
        let rows: Vec<Row> = run!(self.0, |c| {
            let query = sqlx::query_as(SQL).bind(organization).bind(&target).bind(key).bind(before).bind(limit);
            query.fetch_all(c).await?
        });
        Ok(rows.into_iter().map(|row| row.linked().entry).collect())
    }
}

impl NewEntry {
    fn placed(self, position: i64) -> AuditEntry {
        AuditEntry {
            id: self.id,
            organization: self.organization,
            position,
            at: self.at,
            actor: self.actor,
            action: self.action.to_owned(),
            target: self.target,
            ip: self.ip,
            user_agent: self.user_agent,
            request_id: self.request_id,
            before: self.before,
            after: self.after,
        }
    }
}

impl Row {
    fn linked(self) -> Linked {
        Linked {
            entry: AuditEntry {
                id: self.id,
                organization: self.organization_id,
                position: self.position,
                at: self.at,
                actor: self.actor,
                action: self.action,
                target: self.target,
                ip: self.ip,
                user_agent: self.user_agent,
                request_id: self.request_id,
                before: self.before_json,
                after: self.after_json,
            },
            link: self.link,
        }
    }
}
