use serde::{Deserialize, Serialize};

use crate::ui::Moment;

/// A new key in the one moment at which its secret is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    /// The key.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// `test` or `live`.
    pub environment: String,
    /// The secret.
    pub secret: String,
    /// When it ends.
    pub expires: Option<Moment>,
    /// What clients name `base_url`.
    pub base_url: String,
    /// The models that it can call, by name; the first few.
    pub models: Vec<String>,
    /// Whether the viewer can connect providers.
    pub may_connect: bool,
}

impl std::fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What is shown of a new key.
#[cfg(feature = "ssr")]
pub(super) async fn made(
    actor: &service::Actor,
    key: domain::keys::KeyView,
    secret: String,
) -> Result<MadeKey, crate::problem::Problem> {
    use domain::identity::Permission;

    use crate::server::{Calendar, handle};
    let calendar = Calendar::of(actor).await?;
    let viewer = handle::<service::identity::Sessions>()?.viewer(actor).await?;
    let models = match actor.may(Permission::CatalogRead) {
        true => {
            handle::<service::catalog::Models>()?.list(actor, Some(key.environment), &Default::default()).await?.data
        }
        false => Vec::new(),
    };
    Ok(MadeKey {
        id: key.id.to_string(),
        name: key.name.to_string(),
        environment: key.environment.to_string(),
        secret,
        expires: key.expires_at.map(|at| calendar.moment(at)),
        base_url: viewer.gateway_url,
        models: callable(models),
        may_connect: actor.may(Permission::ConnectionsManage),
    })
}

/// The names of models that can be called, those for conversations first: examples are of one.
#[cfg(feature = "ssr")]
fn callable(models: Vec<domain::catalog::ModelView>) -> Vec<String> {
    let mut names: Vec<String> =
        models.into_iter().filter(|model| model.price.is_some()).map(|model| model.name).collect();
    names.sort_by_key(|name| (name.contains("embed"), name != "sandbox/small"));
    names
}
