use domain::{KeyId, OrganizationId, Timestamp, secrets::SecretHash};
use sqlx::QueryBuilder;

use super::{Key, KeySnapshot, Keys};
use crate::Result;

/// A secret that a key had before.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OldSecret {
    /// Its hash.
    pub secret_hash: SecretHash,
    /// The key.
    pub key_id: KeyId,
    /// Its last four characters.
    pub last_four: String,
    /// Until when it is good.
    pub ends_at: Timestamp,
    /// When it was last used since it was replaced.
    pub last_used_at: Option<Timestamp>,
}

/// What a secret stands for.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Presented {
    /// The key.
    #[sqlx(flatten)]
    pub key: KeySnapshot,
    /// The hash of the secret that the key has now.
    pub current: SecretHash,
    /// Until when the secret is good, where it is one that the key had before.
    pub ends_at: Option<Timestamp>,
}

/// What the gateway needs of a key, by either kind of secret.
macro_rules! presented {
    ($ends_at:literal, $from:literal) => {
        concat!(
            "SELECT k.id, k.organization_id AS organization, k.team_id AS team, t.parent_id AS parent_team,
                k.owner_id AS user, k.labels, k.environment, k.status, k.expires_at, k.rules, k.secret_hash AS current, ",
            $ends_at,
            " AS ends_at FROM ",
            $from,
            " LEFT JOIN teams t ON t.id = k.team_id"
        )
    };
}

impl Keys<'_> {
    /// What the gateway needs of the key that has or had this secret, whatever its status.
    pub async fn presented(&mut self, hash: &SecretHash) -> Result<Option<Presented>> {
        const SQL: &str = concat!(
            presented!("CAST(NULL AS BIGINT)", "api_keys k"),
            " WHERE k.secret_hash = $1 UNION ALL ",
            presented!("s.ends_at", "key_secrets s JOIN api_keys k ON k.id = s.key_id"),
            " WHERE s.secret_hash = $1"
        );
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(*hash).fetch_optional(c).await?))
    }

    /// Writes the secret that `key` has now, when it was made and when it is due to be changed; `old` is the one that it had. The one before that ends with this,
    /// if it has not ended yet, and is in the answer.
    pub async fn replace_secret(&mut self, key: &Key, old: &OldSecret, now: Timestamp) -> Result<Vec<SecretHash>> {
        const SQL: &str =
            "UPDATE api_keys SET secret_hash = $3, last_four = $4, search = $5, secret_made_at = $6, rotation_due_at = $7
            WHERE organization_id = $1 AND id = $2";
        const INSERT: &str = "INSERT INTO key_secrets (secret_hash, key_id, last_four, ends_at, last_used_at) VALUES ($1, $2, $3, $4, $5)";
        let ended = self.end_old_secrets(key.id, now).await?;
        run!(self.0, |c| {
            let update = sqlx::query(SQL).bind(key.organization_id).bind(key.id);
            let update = update.bind(key.secret_hash).bind(&key.last_four).bind(key.search());
            update.bind(key.secret_made_at).bind(key.rotation_due_at).execute(&mut *c).await?;
            let insert = sqlx::query(INSERT).bind(old.secret_hash).bind(old.key_id).bind(&old.last_four);
            insert.bind(old.ends_at).bind(old.last_used_at).execute(c).await?;
        });
        Ok(ended)
    }

    /// Ends the old secrets of a key that are still good, and answers which those are.
    pub async fn end_old_secrets(&mut self, key: KeyId, now: Timestamp) -> Result<Vec<SecretHash>> {
        const SQL: &str =
            "UPDATE key_secrets SET ends_at = $2 WHERE key_id = $1 AND ends_at > $2 RETURNING secret_hash";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).bind(key).bind(now).fetch_all(c).await?))
    }

    /// The old secrets of these keys that are good at `now`: one of each at most.
    pub async fn old_secrets(&mut self, keys: &[KeyId], now: Timestamp) -> Result<Vec<OldSecret>> {
        const SQL: &str =
            "SELECT secret_hash, key_id, last_four, ends_at, last_used_at FROM key_secrets WHERE ends_at > ";
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(SQL);
            q.push_bind(now).push(" AND key_id IN (");
            let mut list = q.separated(", ");
            for key in keys {
                list.push_bind(*key);
            }
            q.push(")");
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// Whose key has or had this secret, and which one. For those who prove by the secret that they may ask:
    /// whatever else of the key they are told is up to whom they act for.
    pub async fn holder_of(&mut self, hash: &SecretHash) -> Result<Option<(OrganizationId, KeyId)>> {
        const SQL: &str = "SELECT organization_id, id FROM api_keys WHERE secret_hash = $1
            UNION ALL SELECT k.organization_id, k.id FROM key_secrets s JOIN api_keys k ON k.id = s.key_id
            WHERE s.secret_hash = $1";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(*hash).fetch_optional(c).await?))
    }

    /// Notes when old secrets were used; what is older than what is known changes nothing.
    pub async fn note_old_uses(&mut self, uses: &[(SecretHash, Timestamp)]) -> Result<()> {
        const SQL: &str = "UPDATE key_secrets SET last_used_at = $2
            WHERE secret_hash = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        run!(self.0, |c| {
            for (hash, at) in uses {
                sqlx::query(SQL).bind(*hash).bind(*at).execute(&mut *c).await?;
            }
            Ok(())
        })
    }
}
