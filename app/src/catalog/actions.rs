//! What platform staff do with connections.

use serde::{Deserialize, Serialize};

use crate::{prelude::*, problem::Problem};

/// Connects a provider, and leads to the connection's page, which shows what its first test said.
#[server(prefix = "/fn", endpoint = "connect")]
pub async fn connect(name: String, base_url: String, api_key: String, environment: String) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    let actor = actor()?;
    if api_key.trim().is_empty() {
        return Err(domain::Invalid::new("api_key", "Give the key that the provider issued.").into());
    }
    let new = domain::catalog::NewConnection {
        name: name.parse()?,
        base_url,
        api_key,
        environment: environment.parse()?,
        when_left: domain::catalog::WhenLeft::Cancel,
    };
    let made = handle::<service::catalog::Connections>()?.create(&actor, new).await?;
    tell(&made.test);
    leptos_axum::redirect(&format!("/connections/{}", made.connection.id));
    Ok(())
}

/// Calls the provider for its models, and adds those that are new.
#[server(prefix = "/fn", endpoint = "connection_test")]
pub async fn test_connection(id: String) -> Result<(), Problem> {
    let (connections, actor, id) = about(&id)?;
    tell(&connections.test(&actor, id).await?);
    Ok(())
}

/// Lets a connection take calls, or stops it.
#[server(prefix = "/fn", endpoint = "connection_enable")]
pub async fn enable_connection(id: String, enabled: bool) -> Result<(), Problem> {
    let (connections, actor, id) = about(&id)?;
    connections.set_enabled(&actor, id, enabled).await?;
    Ok(())
}

/// Has answers read on when their clients leave, or cancelled.
#[server(prefix = "/fn", endpoint = "connection_left")]
pub async fn read_on(id: String, reads_on: bool) -> Result<(), Problem> {
    use domain::catalog::{ConnectionChanges, WhenLeft};
    let (connections, actor, id) = about(&id)?;
    let when_left = if reads_on { WhenLeft::ReadOn } else { WhenLeft::Cancel };
    connections.update(&actor, id, ConnectionChanges { when_left: Some(when_left) }).await?;
    Ok(())
}

/// Replaces the provider's key, and tests it.
#[server(prefix = "/fn", endpoint = "connection_key")]
pub async fn replace_key(id: String, api_key: String) -> Result<(), Problem> {
    let (connections, actor, id) = about(&id)?;
    if api_key.trim().is_empty() {
        return Err(domain::Invalid::new("api_key", "Give the key that the provider issued.").into());
    }
    connections.replace_key(&actor, id, &api_key).await?;
    tell(&connections.test(&actor, id).await?);
    Ok(())
}

/// A price as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PriceEntry {
    /// The model.
    pub model: String,
    /// The page to go back to.
    pub connection: String,
    /// From when on, in the organization's zone; empty for at once.
    pub effective_from: String,
    /// Per million input tokens.
    pub input: String,
    /// Per million cached input tokens; empty for the input rate.
    pub cached_input: String,
    /// Per million tokens written to the cache; empty for the input rate.
    pub cache_write: String,
    /// Per million output tokens.
    pub output: String,
    /// Per million reasoning tokens; empty for the output rate.
    pub reasoning: String,
    /// Per request; empty for nothing.
    pub per_request: String,
}

/// Sets what a model costs from a moment on. Wrong fields are named `<model>.<field>`, because a
/// page has many such forms.
#[server(prefix = "/fn", endpoint = "model_price")]
pub async fn set_price(price: PriceEntry) -> Result<(), Problem> {
    let model = price.model.clone();
    set(price).await.map_err(|problem| of_model(problem, &model))
}

#[cfg(feature = "ssr")]
async fn set(price: PriceEntry) -> Result<(), Problem> {
    use crate::server::{Calendar, actor, handle, is_plain_form};
    use domain::{
        ConnectionId,
        catalog::{NewPrice, NewRates},
    };
    let actor = actor()?;
    let id = price.model.parse().map_err(|_| service::Error::not_found("model"))?;
    let connection: ConnectionId = price.connection.parse().map_err(|_| service::Error::not_found("connection"))?;
    let calendar = Calendar::of(&actor).await?;
    let from = match price.effective_from.trim() {
        "" => None,
        text => {
            let at = crate::usage::from_local(text, calendar.zone());
            Some(at.ok_or_else(|| domain::Invalid::new("effective_from", "Give the time as in 2026-01-31T12:00."))?)
        }
    };
    let rates = NewRates {
        input: price.input,
        cached_input: Some(price.cached_input),
        cache_write: Some(price.cache_write),
        output: price.output,
        reasoning: Some(price.reasoning),
        per_request: Some(price.per_request),
    };
    let set =
        handle::<service::catalog::Models>()?.set_price(&actor, id, NewPrice { rates, effective_from: from }).await?;
    // With WASM the page says it beside the form; and a price to come is not yet to be seen.
    if is_plain_form() || from.is_some() {
        let since = from.map_or_else(|| "now".to_owned(), |from| calendar.moment(from).exact);
        super::said::say(true, &format!("The new price of {} counts from {since} on.", set.name));
    }
    leptos_axum::redirect(&format!("/connections/{connection}"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn of_model(problem: Problem, model: &str) -> Problem {
    let mut fields: Vec<_> =
        problem.fields.into_iter().map(|(field, words)| (format!("{model}.{field}"), words)).collect();
    if fields.is_empty() {
        fields.push((format!("{model}.input"), problem.message.clone()));
    }
    Problem { fields, ..problem }
}

#[cfg(feature = "ssr")]
fn about(id: &str) -> Result<(service::catalog::Connections, service::Actor, domain::ConnectionId), Problem> {
    use crate::server::{actor, handle};
    let id = id.parse().map_err(|_| service::Error::not_found("connection"))?;
    Ok((handle()?, actor()?, id))
}

/// Says what a test showed.
#[cfg(feature = "ssr")]
fn tell(test: &domain::catalog::ProbeView) {
    let added = match test.added {
        0 => String::new(),
        1 => " One of them is new, and can be called once it has a price.".to_owned(),
        n if n == test.models => " They can be called once they have a price.".to_owned(),
        n => format!(" {n} of them are new, and can be called once they have a price."),
    };
    super::said::say(test.ok, &format!("{}{added}", test.message));
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn wrong_fields_are_the_models() {
        let wrong = of_model(Problem::new("invalid_request", "No.").with_field("output", "No."), "mdl_1");
        assert_eq!(wrong.field("mdl_1.output").as_deref(), Some("No."));
        let whole = of_model(Problem::new("forbidden", "Not you."), "mdl_1");
        assert_eq!(whole.field("mdl_1.input").as_deref(), Some("Not you."));
    }
}
