use std::time::Duration;

use domain::{
    ErrorCode, Page, PageQuery, Timestamp, TokenId,
    identity::{CreatedToken, NewToken, Permission, TOKEN_PREFIX, TokenView},
    secrets::{Secret, SecretHash, is_well_formed},
};
use store::identity::Token;

use crate::{
    Actor, Core, Error, Principal, RequestMeta, Result,
    audit::{Deed, created},
};

/// How exactly the last use is kept.
const TOUCH: Duration = Duration::from_secs(60);

/// Management tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    core: Core,
}

impl Tokens {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Makes a token, whose secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// When no scope is given, or one that the actor does not have.
    pub async fn create(&self, actor: &Actor, new: NewToken) -> Result<CreatedToken> {
        actor.require(Permission::TokensManage)?;
        let now = self.core.now();
        check(actor, &new, now)?;
        let secret = Secret::mint(TOKEN_PREFIX, &self.core.entropy);
        let mut scopes = new.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        let token = Token {
            id: TokenId::mint(now, &self.core.entropy),
            organization_id: actor.organization,
            user_id: actor.user,
            name: new.name,
            secret_hash: secret.hash(),
            last_four: secret.last_four(),
            scopes: scopes.into(),
            created_at: now,
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        let mut tx = self.core.db.begin().await?;
        tx.identity().insert_token(&token).await?;
        let view = view(token);
        self.core.audit(&mut tx, actor, created("token.created", view.id.to_string(), &view)).await?;
        tx.commit().await?;
        Ok(CreatedToken { token: view, secret: Some(secret.expose().to_owned()) })
    }

    /// The tokens that the actor made, the newest first.
    pub async fn list(&self, actor: &Actor, page: &PageQuery) -> Result<Page<TokenView>> {
        actor.require(Permission::TokensManage)?;
        let limit = page.limit()?;
        let mut reader = self.core.db.read().await?;
        let rows =
            reader.identity().tokens(actor.organization, actor.user, page.after()?, i64::from(limit) + 1).await?;
        Ok(Page::cut(rows, limit, |t| t.id.to_string()).map(view))
    }

    /// Ends one of the actor's tokens for good. To end it again changes nothing.
    pub async fn revoke(&self, actor: &Actor, id: TokenId) -> Result<TokenView> {
        actor.require(Permission::TokensManage)?;
        let mut tx = self.core.db.begin().await?;
        let token = tx.identity().token(actor.organization, id).await?;
        let mut token = token.filter(|t| t.user_id == actor.user).ok_or_else(|| Error::not_found("token"))?;
        let now = self.core.now();
        if tx.identity().revoke_token(id, now).await? {
            let before = view(token.clone());
            token.revoked_at = Some(now);
            let after = view(token.clone());
            let deed =
                Deed { action: "token.revoked", target: id.to_string(), before: Some(&before), after: Some(&after) };
            self.core.audit(&mut tx, actor, deed).await?;
        }
        tx.commit().await?;
        Ok(view(token))
    }

    /// Who a token acts for: its maker, within its scopes and what the maker may do now.
    ///
    /// # Errors
    /// The same whether it is unknown, ended, or its maker has left.
    pub async fn authenticate(&self, secret: &str, meta: RequestMeta) -> Result<Actor> {
        if !is_well_formed(TOKEN_PREFIX, secret) {
            return Err(refused());
        }
        let now = self.core.now();
        let mut reader = self.core.db.read().await?;
        let token = reader.identity().token_by_hash(&SecretHash::of(secret)).await?.ok_or_else(refused)?;
        if token.revoked_at.is_some() || token.expires_at.is_some_and(|end| end <= now) {
            return Err(refused());
        }
        let user = reader.identity().user(token.user_id).await?.ok_or_else(refused)?;
        let membership = reader.identity().membership(token.organization_id, user.id).await?.ok_or_else(refused)?;
        let teams = reader.organizations().teams_of(token.organization_id, user.id).await?;
        drop(reader);
        if token.last_used_at.is_none_or(|at| at.plus(TOUCH) <= now) {
            let mut tx = self.core.db.begin().await?;
            tx.identity().touch_token(token.id, now).await?;
            tx.commit().await?;
        }
        Ok(Actor {
            principal: Principal::Token(token.id),
            user: user.id,
            organization: token.organization_id,
            role: membership.role,
            super_admin: user.super_admin,
            scopes: Some(token.scopes.0),
            teams,
            meta,
        })
    }
}

fn check(actor: &Actor, new: &NewToken, now: Timestamp) -> Result<()> {
    let invalid =
        |field, message: String| Error { param: Some(field), ..Error::new(ErrorCode::InvalidRequest, message) };
    if new.scopes.is_empty() {
        return Err(invalid("scopes", "Choose at least one scope.".into()));
    }
    if let Some(missing) = new.scopes.iter().find(|s| !actor.may(**s)) {
        return Err(invalid("scopes", format!("You can't give the scope {missing}, because you don't have it.")));
    }
    match new.expires_at {
        Some(end) if end <= now => Err(invalid("expires_at", "The expiry must be in the future.".into())),
        _ => Ok(()),
    }
}

fn view(token: Token) -> TokenView {
    TokenView {
        id: token.id,
        name: token.name,
        prefix: TOKEN_PREFIX.to_owned(),
        last_four: token.last_four,
        scopes: token.scopes.0,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
        revoked_at: token.revoked_at,
    }
}

fn refused() -> Error {
    Error::new(ErrorCode::Unauthenticated, "The management token is unknown or no longer in force.")
}
