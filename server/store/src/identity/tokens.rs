use domain::{
    OrganizationId, Timestamp, TokenId, UserId,
    identity::{Permission, TokenName},
    secrets::SecretHash,
};
use sqlx::{QueryBuilder, types::Json};

use super::Identity;
use crate::Result;

/// A management token.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Token {
    /// Its identity, which is no secret.
    pub id: TokenId,
    /// Which organization it manages.
    pub organization_id: OrganizationId,
    /// Who made it. It may never do more than they may now.
    pub user_id: UserId,
    /// How it is called.
    pub name: TokenName,
    /// The hash of the secret.
    pub secret_hash: SecretHash,
    /// The secret's last four characters.
    pub last_four: String,
    /// What it may do, at most.
    pub scopes: Json<Vec<Permission>>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The columns of [`Token`].
macro_rules! columns {
    () => {
        "id, organization_id, user_id, name, secret_hash, last_four, scopes, created_at, expires_at, last_used_at, revoked_at"
    };
}

impl Identity<'_> {
    /// Adds a token.
    pub async fn insert_token(&mut self, token: &Token) -> Result<()> {
        const SQL: &str =
            concat!("INSERT INTO tokens (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
        let t = token;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(t.id).bind(t.organization_id).bind(t.user_id).bind(&t.name);
            let insert = insert.bind(t.secret_hash).bind(&t.last_four).bind(&t.scopes).bind(t.created_at);
            insert.bind(t.expires_at).bind(t.last_used_at).bind(t.revoked_at).execute(c).await?;
            Ok(())
        })
    }

    /// The token with this secret, ended or not.
    pub async fn token_by_hash(&mut self, hash: &SecretHash) -> Result<Option<Token>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM tokens WHERE secret_hash = $1");
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(*hash).fetch_optional(c).await?))
    }

    /// The organization's token with this identity.
    pub async fn token(&mut self, organization: OrganizationId, id: TokenId) -> Result<Option<Token>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM tokens WHERE organization_id = $1 AND id = $2");
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(id).fetch_optional(c).await?))
    }

    /// At most `limit` tokens that a person made, the newest first, those after `before` only.
    pub async fn tokens(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        before: Option<TokenId>,
        limit: i64,
    ) -> Result<Vec<Token>> {
        const SQL: &str = concat!(
            "SELECT ",
            columns!(),
            " FROM tokens
            WHERE organization_id = $1 AND user_id = $2 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
        );
        run!(self.0, |c| {
            Ok(sqlx::query_as(SQL).bind(organization).bind(user).bind(before).bind(limit).fetch_all(c).await?)
        })
    }

    /// How these tokens of the organization are called.
    pub async fn token_names(
        &mut self,
        organization: OrganizationId,
        ids: &[TokenId],
    ) -> Result<Vec<(TokenId, TokenName)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT id, name FROM tokens WHERE organization_id = ");
            q.push_bind(organization).push(" AND id IN (");
            let mut list = q.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            q.push(")");
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// Notes that a token was used.
    pub async fn touch_token(&mut self, id: TokenId, at: Timestamp) -> Result<()> {
        const SQL: &str =
            "UPDATE tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(id).bind(at).execute(c).await?;
            Ok(())
        })
    }

    /// Ends a token; says whether it was in force.
    pub async fn revoke_token(&mut self, id: TokenId, at: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        run!(self.0, |c| Ok(sqlx::query(SQL).bind(id).bind(at).execute(c).await?.rows_affected() == 1))
    }
}
