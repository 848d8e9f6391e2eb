use domain::keys::Environment;
use serde::{Deserialize, Serialize};

use super::{
    answers::KeyAnswers,
    fields::KeyOffer,
    made::MadeKey,
    template::{ChosenTemplate, TemplateCard},
};
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
    /// The templates that it can be made from, and none.
    pub templates: Vec<TemplateCard>,
    /// What the chosen one comes to.
    pub chosen: ChosenTemplate,
}

/// Makes a key. The answer holds its secret, and nothing else ever does again.
#[server(prefix = "/fn", endpoint = "key_create")]
pub async fn create_key(
    /// The template that it is made from; empty for none.
    #[server(default)]
    template_id: String,
    /// For trying out or for real; absent where the template says so.
    #[server(default)]
    environment: Option<Environment>,
    /// Whether it goes without the limits that the template suggests.
    #[server(default)]
    without_limits: bool,
    /// Whether it goes without the budget that the template suggests.
    #[server(default)]
    without_budget: bool,
    /// All else.
    #[server(flatten)]
    answers: KeyAnswers,
) -> Result<MadeKey, Problem> {
    use domain::{keys::NewRules, templates::Field};

    use crate::{
        lifetime::{ending, once},
        server::{Wrong, actor, handle},
    };
    let (actor, now) = (actor()?, handle::<domain::Clock>()?.now());
    let mut wrong = Wrong::default();
    let template = match template_id.as_str() {
        "" => None,
        id => Some(handle::<service::templates::Templates>()?.get(&actor, id.parse()?).await?),
    };
    let locks = |field: Field| template.as_ref().is_some_and(|template| template.recipe.locks(field));
    let as_template_says = template.is_some() && (locks(Field::Expiry) || answers.expires_in == "keep");
    let ends = match as_template_says {
        true => Some(None),
        false => wrong.check("expires_in", ending(&answers.expires_in, now)).map(Some),
    };
    let (Some(read), Some(expires_at)) = (answers.read(&mut wrong), ends) else { return Err(wrong.problem()) };
    let NewRules { models, endpoints, ips } = read.rules.into();
    // What is locked was not asked for, so that what came in its place says nothing.
    let draft = domain::keys::KeyDraft {
        template_id: template.as_ref().map(|template| template.id),
        name: read.name,
        description: read.description,
        environment: environment.filter(|_| !locks(Field::Environment)),
        owner_id: read.owner,
        team_id: read.team,
        labels: read.labels,
        expires_at,
        rules: NewRules {
            models: models.filter(|_| !locks(Field::Models)),
            endpoints: endpoints.filter(|_| !locks(Field::Endpoints)),
            ips: ips.filter(|_| !locks(Field::Ips)),
        },
        limits: without_limits.then(Vec::new),
        budget: without_budget.then_some(None),
    };
    let created = handle::<service::keys::Keys>()?.create(&actor, draft).await?;
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
pub async fn start_key(
    /// The template that it is to be made from, or `none`.
    #[server(default)]
    template: Option<String>,
) -> Result<KeyStart, Problem> {
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
    let usable = super::template::usable(&actor).await?;
    let (templates, chosen) = super::template::choice(&usable, template.as_deref());
    let offer = super::fields::offer(&actor, None).await?;
    Ok(KeyStart { arrived, offer, me: actor.user().to_string(), templates, chosen })
}
