use serde::{Deserialize, Serialize};

use crate::{prelude::*, problem::Problem, ui::Moment};

/// A connection as a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionRow {
    /// The connection.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// Who is at the other end.
    pub provider: String,
    /// `test` or `live`.
    pub environment: String,
    /// Where requests go; absent for the Sandbox, which is part of Turnpike.
    pub base_url: Option<String>,
    /// What the provider's key ends with.
    pub last_four: Option<String>,
    /// How many models it reaches.
    pub models: u64,
    /// How many of them have no price.
    pub unpriced: u64,
    /// Whether it takes calls.
    pub enabled: bool,
    /// Whether answers are read on when their clients leave.
    pub reads_on: bool,
}

/// A page of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionList {
    /// The rows, the newest first.
    pub rows: Vec<ConnectionRow>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// A connection in full.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFacts {
    /// What the list shows of it.
    pub row: ConnectionRow,
    /// Since when.
    pub since: Moment,
    /// Its models by name.
    pub models: Vec<ModelRow>,
    /// What stands before an amount of the book currency.
    pub symbol: String,
    /// The zone in which a price's beginning is read.
    pub zone: String,
    /// What the last action had to say.
    pub said: Option<Said>,
}

/// What an action had to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Whether it went well.
    pub well: bool,
    /// The words.
    pub words: String,
}

/// A model and its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRow {
    /// The model.
    pub id: String,
    /// The name to call it by.
    pub name: String,
    /// Since when its price is in force; absent where it has none.
    pub priced: Option<Moment>,
    /// The figures: of its price, else what its maker is known to charge, else empty.
    pub rates: Figures,
    /// Whether the figures are such a suggestion.
    pub suggested: bool,
}

/// The figures of a price as a form has them; empty where the one above counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Per million input tokens.
    pub input: String,
    /// Per million cached input tokens.
    pub cached_input: String,
    /// Per million tokens written to the cache.
    pub cache_write: String,
    /// Per million output tokens.
    pub output: String,
    /// Per million reasoning tokens.
    pub reasoning: String,
    /// Per request.
    pub per_request: String,
}

/// The platform's connections.
#[server(prefix = "/fn", endpoint = "connections")]
pub async fn load_connections(#[server(default)] cursor: Option<String>) -> Result<ConnectionList, Problem> {
    use crate::server::{actor, handle};
    let connections: service::catalog::Connections = handle()?;
    let page = connections.list(&actor()?, &domain::PageQuery { limit: None, cursor }).await?;
    Ok(ConnectionList { rows: page.data.into_iter().map(row).collect(), next: page.next_cursor })
}

/// One connection with its models.
#[server(prefix = "/fn", endpoint = "connection")]
pub async fn load_connection(id: String) -> Result<ConnectionFacts, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let id = id.parse().map_err(|_| service::Error::not_found("connection"))?;
    let connection = handle::<service::catalog::Connections>()?.get(&actor, id).await?;
    let models = handle::<service::catalog::Models>()?.of_connection(&actor, id).await?;
    let calendar = Calendar::of(&actor).await?;
    Ok(ConnectionFacts {
        since: calendar.moment(connection.created_at),
        symbol: symbol(&actor).await?,
        models: models.into_iter().map(|model| model_row(model, &calendar)).collect(),
        zone: calendar.zone().to_owned(),
        said: super::said::take(),
        row: row(connection),
    })
}

/// The book currency's sign, as any price in force has it; the Sandbox's models always have one.
#[cfg(feature = "ssr")]
async fn symbol(actor: &service::Actor) -> Result<String, Problem> {
    let models: service::catalog::Models = crate::server::handle()?;
    let all = models.list(actor, None, &domain::PageQuery::default()).await?;
    let price = all.data.into_iter().find_map(|model| model.price);
    Ok(price.map(|price| crate::ui::format::symbol(price.currency.code())).unwrap_or_default())
}

#[cfg(feature = "ssr")]
fn row(view: domain::catalog::ConnectionView) -> ConnectionRow {
    ConnectionRow {
        id: view.id.to_string(),
        name: view.name.to_string(),
        provider: crate::usage::provider(view.provider).to_owned(),
        environment: view.environment.to_string(),
        base_url: view.base_url,
        last_four: view.api_key_last_four,
        models: view.models,
        unpriced: view.unpriced,
        enabled: view.enabled,
        reads_on: view.when_left == domain::catalog::WhenLeft::ReadOn,
    }
}

#[cfg(feature = "ssr")]
fn model_row(view: domain::catalog::ModelView, calendar: &crate::server::Calendar) -> ModelRow {
    let suggested = view.suggested.is_some();
    let rates = match (&view.price, view.suggested) {
        (Some(price), _) => in_force(&price.rates),
        (None, Some(suggested)) => suggestion(suggested),
        (None, None) => Figures::default(),
    };
    let priced = view.price.map(|price| calendar.moment(price.effective_from));
    ModelRow { id: view.id.to_string(), name: view.name, priced, rates, suggested }
}

#[cfg(feature = "ssr")]
fn in_force(rates: &domain::catalog::Rates) -> Figures {
    let optional = |rate: Option<domain::Rate>| rate.map(|rate| rate.to_string()).unwrap_or_default();
    Figures {
        input: rates.input.to_string(),
        cached_input: optional(rates.cached_input),
        cache_write: optional(rates.cache_write),
        output: rates.output.to_string(),
        reasoning: optional(rates.reasoning),
        per_request: if rates.per_request == domain::Money::ZERO {
            String::new()
        } else {
            rates.per_request.to_string()
        },
    }
}

#[cfg(feature = "ssr")]
fn suggestion(rates: domain::catalog::NewRates) -> Figures {
    Figures {
        input: rates.input,
        cached_input: rates.cached_input.unwrap_or_default(),
        cache_write: rates.cache_write.unwrap_or_default(),
        output: rates.output,
        reasoning: rates.reasoning.unwrap_or_default(),
        per_request: rates.per_request.unwrap_or_default(),
    }
}
