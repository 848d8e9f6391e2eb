//! Settings of the installation, and answers kept for idempotent requests.

use domain::Timestamp;

use crate::{Result, db::Conn};

/// What is known of a request that came with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Replay {
    /// SHA-256 of the first request's body.
    pub fingerprint: Vec<u8>,
    /// The first answer's status; none while it is being made.
    pub status: Option<i64>,
    /// The first answer's body, without any secret.
    pub body: Option<Vec<u8>>,
}

/// To which request an `Idempotency-Key` belongs.
#[derive(Debug, Clone, Copy)]
pub struct ReplayKey<'a> {
    /// Who asked.
    pub actor: &'a str,
    /// Method and path.
    pub route: &'a str,
    /// The header's value.
    pub key: &'a str,
}

/// The repository.
#[derive(Debug)]
pub struct Platform<'c>(pub(crate) Conn<'c>);

impl Platform<'_> {
    /// A setting's value.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>> {
        const SQL: &str = "SELECT value FROM settings WHERE name = $1";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).bind(name).fetch_optional(c).await?))
    }

    /// Sets a setting unless it is set; answers the value it has.
    pub async fn ensure_setting(&mut self, name: &str, value: &str) -> Result<String> {
        const SQL: &str = "INSERT INTO settings (name, value) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).bind(name).bind(value).fetch_one(c).await?))
    }

    /// Claims a key for a request; `None` when this request is the first, otherwise what is known
    /// of the first.
    pub async fn claim_replay(
        &mut self,
        key: ReplayKey<'_>,
        fingerprint: &[u8],
        at: Timestamp,
    ) -> Result<Option<Replay>> {
        const CLAIM: &str = "INSERT INTO idempotency_keys (actor, route, idempotency_key, fingerprint, created_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        const SQL: &str = "SELECT fingerprint, status, body FROM idempotency_keys
            WHERE actor = $1 AND route = $2 AND idempotency_key = $3";
        run!(self.0, |c| {
            // The first request can give its claim up between the two questions; then this one is
            // the first after all.
            loop {
                let claim = sqlx::query(CLAIM).bind(key.actor).bind(key.route).bind(key.key).bind(fingerprint).bind(at);
                if claim.execute(&mut *c).await?.rows_affected() == 1 {
                    return Ok(None);
                }
                let known = sqlx::query_as(SQL).bind(key.actor).bind(key.route).bind(key.key);
                if let Some(known) = known.fetch_optional(&mut *c).await? {
                    return Ok(Some(known));
                }
            }
        })
    }

    /// Keeps the first answer.
    pub async fn finish_replay(&mut self, key: ReplayKey<'_>, status: i64, body: &[u8]) -> Result<()> {
        const SQL: &str = "UPDATE idempotency_keys SET status = $4, body = $5
            WHERE actor = $1 AND route = $2 AND idempotency_key = $3";
        run!(self.0, |c| {
            let update = sqlx::query(SQL).bind(key.actor).bind(key.route).bind(key.key).bind(status).bind(body);
            update.execute(c).await?;
            Ok(())
        })
    }

    /// Gives up a claim that has no answer yet.
    pub async fn release_replay(&mut self, key: ReplayKey<'_>) -> Result<()> {
        const SQL: &str = "DELETE FROM idempotency_keys
            WHERE actor = $1 AND route = $2 AND idempotency_key = $3 AND status IS NULL";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(key.actor).bind(key.route).bind(key.key).execute(c).await?;
            Ok(())
        })
    }

    /// Forgets the answers to requests made before `before`.
    pub async fn prune_replays(&mut self, before: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM idempotency_keys WHERE created_at < $1";
        run!(self.0, |c| Ok(sqlx::query(SQL).bind(before).execute(c).await?.rows_affected()))
    }
}
