//! The audit log.

use domain::{AuditId, OrganizationId, RequestId, Timestamp, audit::AuditEntry};

use crate::{Result, db::Conn};

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
        const HEAD: &str =
            "UPDATE audit_heads SET position = position + 1 WHERE organization_id = $1 RETURNING position, link";
        const INSERT: &str = "INSERT INTO audit_entries (id, organization_id, position, at, actor, action, target, ip,
            user_agent, request_id, before_json, after_json, link)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        const ADVANCE: &str = "UPDATE audit_heads SET link = $2 WHERE organization_id = $1";
        run!(self.0, |c| {
            let head = sqlx::query_as::<DB, (i64, Vec<u8>)>(HEAD).bind(new.organization).fetch_one(&mut *c).await?;
            let entry = new.placed(head.0);
            let previous = head.1.try_into().map_err(|_| crate::Error::Corrupt("the head of an audit log".into()))?;
            let link = entry.link(&previous).to_vec();
            let e = &entry;
            let insert = sqlx::query(INSERT).bind(e.id).bind(e.organization).bind(e.position).bind(e.at).bind(&e.actor);
            let insert = insert.bind(&e.action).bind(&e.target).bind(&e.ip).bind(&e.user_agent).bind(e.request_id);
            insert.bind(&e.before).bind(&e.after).bind(&link).execute(&mut *c).await?;
            sqlx::query(ADVANCE).bind(e.organization).bind(&link).execute(&mut *c).await?;
            Ok(entry)
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
