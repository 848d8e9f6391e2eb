use domain::{TokenId, identity::Permission};
use serde::{Deserialize, Serialize};

use super::row::TokenRow;
use crate::{prelude::*, problem::Problem, ui::Moment};

/// A page of the viewer's tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// The rows, the newest first.
    pub rows: Vec<TokenRow>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// A new token in the one moment at which its secret is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeToken {
    /// How it is called.
    pub name: String,
    /// The secret.
    pub secret: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it ends.
    pub expires: Option<Moment>,
    /// The address of the management API.
    pub api_url: String,
}

impl std::fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeToken").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the page that makes a token begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenStart {
    /// What the viewer may do, and so may pass on.
    pub scopes: Vec<Permission>,
    /// The token that a form without WASM has just made.
    pub arrived: Option<MadeToken>,
}

/// The viewer's tokens.
#[server(prefix = "/fn", endpoint = "tokens_list")]
pub async fn load_tokens(#[server(default)] cursor: Option<String>) -> Result<TokenList, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let calendar = Calendar::of(&actor).await?;
    let page = domain::PageQuery { limit: None, cursor };
    let page = handle::<service::identity::Tokens>()?.list(&actor, &page).await?;
    Ok(TokenList {
        rows: page.data.iter().map(|token| super::row::row(token, &calendar)).collect(),
        next: page.next_cursor,
    })
}

/// What the page that makes a token begins with.
#[server(prefix = "/fn", endpoint = "token_start")]
pub async fn start_token() -> Result<TokenStart, Problem> {
    use crate::server::{actor, handle};
    let actor = actor()?;
    // While a page is rendered no guard stands before this, and the form is not for everyone.
    actor.require(Permission::TokensManage)?;
    let arrived = match crate::lifetime::once::arrived::<TokenId>() {
        Some((id, secret)) => {
            let mine = handle::<service::identity::Tokens>()?.list(&actor, &domain::PageQuery::default()).await?;
            let token = mine.data.into_iter().find(|token| token.id == id);
            match token {
                Some(token) => Some(made(&actor, token, secret).await?),
                None => None,
            }
        }
        None => None,
    };
    Ok(TokenStart { scopes: actor.permissions(), arrived })
}

/// Makes a token. The answer holds its secret, and nothing else ever does again.
#[server(prefix = "/fn", endpoint = "token_create")]
pub async fn create_token(
    /// How it is called.
    name: String,
    /// What it may do.
    #[server(default)]
    scopes: Vec<Permission>,
    /// In how many days it ends; empty for never.
    expires_in: String,
) -> Result<MadeToken, Problem> {
    use crate::{
        lifetime::{ending, once},
        server::{Wrong, actor, handle},
    };
    let (actor, now) = (actor()?, handle::<domain::Clock>()?.now());
    let mut wrong = Wrong::default();
    let (name, ends) = (wrong.check("name", name.parse()), wrong.check("expires_in", ending(&expires_in, now)));
    let (Some(name), Some(expires_at)) = (name, ends) else { return Err(wrong.problem()) };
    let new = domain::identity::NewToken { name, scopes, expires_at };
    let created = handle::<service::identity::Tokens>()?.create(&actor, new).await?;
    let secret = created.secret.unwrap_or_default();
    once::send(&created.token.id.to_string(), &secret);
    made(&actor, created.token, secret).await
}

/// Ends a token for good.
#[server(prefix = "/fn", endpoint = "token_revoke")]
pub async fn revoke_token(
    /// The token.
    id: TokenId,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    handle::<service::identity::Tokens>()?.revoke(&actor()?, id).await?;
    Ok(())
}

#[cfg(feature = "ssr")]
async fn made(
    actor: &service::Actor,
    token: domain::identity::TokenView,
    secret: String,
) -> Result<MadeToken, Problem> {
    use crate::server::{Calendar, handle};
    let calendar = Calendar::of(actor).await?;
    let viewer = handle::<service::identity::Sessions>()?.viewer(actor).await?;
    let origin = viewer.gateway_url.trim_end_matches("/v1");
    Ok(MadeToken {
        name: token.name.to_string(),
        secret,
        scopes: token.scopes,
        expires: token.expires_at.map(|at| calendar.moment(at)),
        api_url: format!("{origin}/api/v1"),
    })
}
