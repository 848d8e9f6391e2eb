use domain::keys::Environment;

use super::made::MadeKey;
use crate::{prelude::*, problem::Problem};

/// Makes a key. The answer holds its secret, and nothing else ever does again.
#[server(prefix = "/fn", endpoint = "key_create")]
pub async fn create_key(
    /// How it is called.
    name: String,
    /// For trying out or for real.
    environment: Environment,
    /// In how many days it ends; empty for never.
    expires_in: String,
) -> Result<MadeKey, Problem> {
    use crate::{
        lifetime::{ending, once},
        server::{Wrong, actor, handle},
    };
    let (actor, now) = (actor()?, handle::<domain::Clock>()?.now());
    let mut wrong = Wrong::default();
    let (name, ends) = (wrong.check("name", name.parse()), wrong.check("expires_in", ending(&expires_in, now)));
    let (Some(name), Some(expires_at)) = (name, ends) else { return Err(wrong.problem()) };
    let new = domain::keys::NewKey { name, environment, labels: Default::default(), expires_at };
    let created = handle::<service::keys::Keys>()?.create(&actor, new).await?;
    let secret = created.secret.unwrap_or_default();
    once::send(&created.key.id.to_string(), &secret);
    super::made::made(&actor, created.key, secret).await
}

/// The key that a form without WASM has just made, if that is why this page is shown.
#[server(prefix = "/fn", endpoint = "key_arrived")]
pub async fn arrived_key() -> Result<Option<MadeKey>, Problem> {
    use crate::{
        lifetime::once,
        server::{actor, handle},
    };
    let actor = actor()?;
    // While a page is rendered no guard stands before this, and the form is not for everyone.
    actor.require_any(service::keys::MANAGING)?;
    let Some((id, secret)) = once::arrived::<domain::KeyId>() else { return Ok(None) };
    let key = handle::<service::keys::Keys>()?.get(&actor, id).await?;
    super::made::made(&actor, key, secret).await.map(Some)
}
