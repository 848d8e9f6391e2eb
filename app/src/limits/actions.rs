#[cfg(feature = "ssr")]
use domain::{Invalid, usage::Endpoint};
use domain::{LimitId, keys::Environment, limits::LimitKind};
use serde::{Deserialize, Serialize};

use super::row::LimitRow;
#[cfg(feature = "ssr")]
use crate::bearers::{named_key, scoped};
use crate::{bearers::Bearers, prelude::*, problem::Problem};

/// Limits, and how they stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LimitRows {
    /// From the top down.
    pub rows: Vec<LimitRow>,
    /// Whether the viewer may make and change them.
    pub manageable: bool,
}

impl LimitRows {
    /// The limit of that id, if the viewer may change it.
    pub(super) fn manageable(&self, id: &str) -> Option<LimitRow> {
        self.rows.iter().find(|row| row.manageable && row.id == id).cloned()
    }
}

/// All limits of the organization, each below those that hold too.
#[server(prefix = "/fn", endpoint = "limits_tree")]
pub async fn load_limits(
    /// Only those of this environment.
    #[server(default)]
    environment: Option<String>,
) -> Result<LimitRows, Problem> {
    use crate::server::{actor, handle};
    let actor = actor()?;
    let placed =
        handle::<service::limits::Limits>()?.tree(&actor, crate::server::environment(environment.as_deref())).await?;
    Ok(LimitRows {
        rows: placed.iter().map(|placed| super::row::row(&placed.item, placed.depth)).collect(),
        manageable: actor.may(domain::identity::Permission::LimitsManage),
    })
}

/// The limits that calls with a key fall under.
#[server(prefix = "/fn", endpoint = "limits_of_key")]
pub async fn load_key_limits(
    /// The key.
    id: String,
) -> Result<LimitRows, Problem> {
    use crate::server::{actor, handle};
    use domain::{PageQuery, limits::LimitQuery};
    let actor = actor()?;
    let key = named_key(Some(id))?.map(|id| id.to_string());
    // Three kinds of five scopes, for two endpoints and for all, are all that there can be.
    let page = PageQuery { limit: Some(100), cursor: None };
    let limits = handle::<service::limits::Limits>()?;
    let mut above = limits.list(&actor, &LimitQuery { key, environment: None }, &page).await?.data;
    above.sort_by_key(|limit| (limit.scope, limit.kind, limit.endpoint));
    Ok(LimitRows {
        rows: above.iter().map(|limit| super::row::row(limit, 0)).collect(),
        manageable: actor.may(domain::identity::Permission::LimitsManage),
    })
}

/// What the page that makes a limit begins with.
#[server(prefix = "/fn", endpoint = "limit_start")]
pub async fn start_limit(
    /// The key that it is for.
    #[server(default)]
    key: Option<String>,
) -> Result<Bearers, Problem> {
    use crate::server::{actor, handle};
    let key = named_key(key)?;
    let bearers = handle::<service::limits::Limits>()?.bearers(&actor()?, key).await?;
    Ok(Bearers::offered(bearers, key))
}

/// Makes a limit, and leads to the list of all.
#[server(prefix = "/fn", endpoint = "limit_create")]
pub async fn create_limit(
    /// What it is for: an id.
    scope: String,
    /// Of which keys.
    environment: Environment,
    /// What is limited.
    kind: LimitKind,
    /// How much in a minute, or at once.
    amount: String,
    /// How much of it at once; empty for all.
    #[server(default)]
    burst: String,
    /// Of which endpoint; empty for all.
    #[server(default)]
    endpoint: String,
) -> Result<(), Problem> {
    use crate::server::{Wrong, actor, handle};
    let mut wrong = Wrong::default();
    let scope = wrong.check("scope", scoped(&scope));
    let amount = wrong.check("amount", whole("amount", &amount));
    let burst = wrong.check("burst", given(&burst).map(|burst| whole("burst", burst)).transpose());
    let endpoint = wrong.check("endpoint", given(&endpoint).map(str::parse::<Endpoint>).transpose());
    let (Some(scope), Some(amount), Some(burst), Some(endpoint)) = (scope, amount, burst, endpoint) else {
        return Err(wrong.problem());
    };
    let new = domain::limits::NewLimit { scope, environment, endpoint, kind, amount, burst };
    handle::<service::limits::Limits>()?.create(&actor()?, new).await?;
    leptos_axum::redirect("/limits");
    Ok(())
}

/// Changes how much may be used, and how much of it at once.
#[server(prefix = "/fn", endpoint = "limit_change")]
pub async fn change_limit(
    /// The limit.
    id: LimitId,
    /// How much in a minute, or at once.
    amount: String,
    /// How much of it at once; empty for all. Not asked about parallel requests.
    #[server(default)]
    burst: Option<String>,
) -> Result<(), Problem> {
    use crate::server::{Wrong, actor, handle};
    let mut wrong = Wrong::default();
    let amount = wrong.check("amount", whole("amount", &amount));
    let at_once = |burst: &str| given(burst).map_or(Ok(amount), |burst| whole("burst", burst).map(Some));
    let burst = wrong.check("burst", burst.as_deref().map_or(Ok(None), at_once));
    let (Some(amount), Some(burst)) = (amount, burst) else { return Err(wrong.problem()) };
    let changes = domain::limits::LimitChanges { amount: Some(amount), burst };
    handle::<service::limits::Limits>()?.update(&actor()?, id, changes).await?;
    back();
    Ok(())
}

/// Takes a limit out of force.
#[server(prefix = "/fn", endpoint = "limit_delete")]
pub async fn delete_limit(
    /// The limit.
    id: LimitId,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    handle::<service::limits::Limits>()?.delete(&actor()?, id).await?;
    back();
    Ok(())
}

/// Without WASM the question was asked by the address, which would ask it again.
#[cfg(feature = "ssr")]
fn back() {
    if crate::server::is_plain_form() {
        leptos_axum::redirect("/limits");
    }
}

/// What a person wrote, if anything.
#[cfg(feature = "ssr")]
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A number as a person writes it, with or without commas.
#[cfg(feature = "ssr")]
fn whole(field: &'static str, text: &str) -> Result<u64, Invalid> {
    let number = text.trim().replace([',', '_', ' '], "").parse();
    number.map_err(|_| Invalid::new(field, "Give a whole number from 1 to 1000000000."))
}
