use domain::keys::Environment;
use serde::{Deserialize, Serialize};

use super::{answers::KeyAnswers, fields::KeyOffer, made::MadeKey};
use crate::{prelude::*, problem::Problem};

/// What the page that makes a key begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStart {
    /// The key that a form without WASM has just made, if that is why this page is shown.
    pub arrived: Option<MadeKey>,
    /// What the form offers.
    pub offer: KeyOffer,
    /// Who asks, and so owns it unless they name somebody else.
    pub me: String,
}

/// Makes a key. The answer holds its secret, and nothing else ever does again.
#[server(prefix = "/fn", endpoint = "key_create")]
pub async fn create_key(
    /// For trying out or for real.
    environment: Environment,
    /// All else.
    #[server(flatten)]
    answers: KeyAnswers,
) -> Result<MadeKey, Problem> {
    use crate::{
        lifetime::{ending, once},
        server::{Wrong, actor, handle},
    };
    let (actor, now) = (actor()?, handle::<domain::Clock>()?.now());
    let mut wrong = Wrong::default();
    let (read, ends) = (answers.read(&mut wrong), wrong.check("expires_in", ending(&answers.expires_in, now)));
    let (Some(read), Some(expires_at)) = (read, ends) else { return Err(wrong.problem()) };
    let new = domain::keys::NewKey {
        name: read.name,
        description: read.description,
        environment,
        owner_id: read.owner,
        team_id: read.team,
        labels: read.labels,
        expires_at,
        rules: read.rules,
    };
    let created = handle::<service::keys::Keys>()?.create(&actor, new).await?;
    let secret = created.secret.unwrap_or_default();
    once::send(&created.key.id.to_string(), &secret);
    super::made::made(&actor, created.key, secret).await
}

/// Whom keys can be given to, and which models there are.
#[server(prefix = "/fn", endpoint = "key_offer")]
pub async fn offer_for_keys() -> Result<super::fields::KeyOffer, Problem> {
    super::fields::offer(&crate::server::actor()?, None).await
}

/// What the page that makes a key begins with.
#[server(prefix = "/fn", endpoint = "key_start")]
pub async fn start_key() -> Result<KeyStart, Problem> {
    use crate::{
        lifetime::once,
        server::{actor, handle},
    };
    let actor = actor()?;
    // While a page is rendered no guard stands before this, and the form is not for everyone.
    actor.require_any(service::keys::MANAGING)?;
    let arrived = match once::arrived::<domain::KeyId>() {
        Some((id, secret)) => {
            let key = handle::<service::keys::Keys>()?.get(&actor, id).await?;
            Some(super::made::made(&actor, key, secret).await?)
        }
        None => None,
    };
    Ok(KeyStart { arrived, offer: super::fields::offer(&actor, None).await?, me: actor.user().to_string() })
}
