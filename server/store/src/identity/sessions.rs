use domain::{OrganizationId, SessionId, Timestamp, UserId, secrets::SecretHash};

use super::Identity;
use crate::Result;

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// Its identity, which is no secret.
    pub id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// Which organization they look at.
    pub organization_id: OrganizationId,
    /// The hash of what the cookie holds.
    pub secret_hash: SecretHash,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// From where they signed in.
    pub ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
}

impl Identity<'_> {
    /// Adds a session.
    pub async fn insert_session(&mut self, session: &Session) -> Result<()> {
        const SQL: &str = "INSERT INTO sessions
            (id, user_id, organization_id, secret_hash, created_at, last_seen_at, expires_at, ip, user_agent)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let s = session;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(s.id).bind(s.user_id).bind(s.organization_id).bind(s.secret_hash);
            let insert = insert.bind(s.created_at).bind(s.last_seen_at).bind(s.expires_at);
            insert.bind(&s.ip).bind(&s.user_agent).execute(c).await?;
            Ok(())
        })
    }

    /// The session whose cookie has this hash, ended or not.
    pub async fn session(&mut self, hash: &SecretHash) -> Result<Option<Session>> {
        const SQL: &str =
            "SELECT id, user_id, organization_id, secret_hash, created_at, last_seen_at, expires_at, ip, user_agent
            FROM sessions WHERE secret_hash = $1";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(*hash).fetch_optional(c).await?))
    }

    /// Notes that a session was used.
    pub async fn touch_session(&mut self, id: SessionId, at: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(id).bind(at).execute(c).await?;
            Ok(())
        })
    }

    /// Ends a session; says whether there was one.
    pub async fn delete_session(&mut self, id: SessionId) -> Result<bool> {
        run!(self.0, |c| {
            let done = sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id).execute(c).await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Forgets the sessions that ended, or were last used, before these times.
    pub async fn prune_sessions(&mut self, now: Timestamp, idle_since: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM sessions WHERE expires_at < $1 OR last_seen_at < $2";
        run!(self.0, |c| Ok(sqlx::query(SQL).bind(now).bind(idle_since).execute(c).await?.rows_affected()))
    }
}
