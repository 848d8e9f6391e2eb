use domain::{
    ConnectionId, ModelId, Money, PriceId, Rate, Timestamp,
    catalog::{Provider, Rates, WhenLeft},
    keys::Environment,
};
use integrations::sandbox::{MODELS, SandboxModel};
use store::{
    Tx,
    catalog::{Connection, Model, Price},
    changes::Change,
};

use crate::{Core, Error, Result};

const MADE_BY: &str = "system:turnpike";

/// Adds the models that this version's Sandbox has and the database does not know yet.
pub async fn refresh_sandbox(core: &Core) -> Result<()> {
    let mut tx = core.db.begin().await?;
    if tx.organizations().count().await? == 0 {
        return Ok(());
    }
    if ensure_sandbox(core, &mut tx).await? {
        return core.commit_changes(tx, &[Change::Catalog]).await;
    }
    Ok(tx.commit().await?)
}

/// Makes sure of the Sandbox's connection, models and prices; says whether something was added.
pub(crate) async fn ensure_sandbox(core: &Core, tx: &mut Tx) -> Result<bool> {
    let now = core.now();
    let (connection, mut added) = match existing(tx).await? {
        Some(id) => (id, false),
        None => (connect(core, tx, now).await?, true),
    };
    let known = tx.catalog().models_of(connection).await?;
    for model in MODELS.iter().filter(|m| known.iter().all(|k| k.upstream_id.as_str() != m.id)) {
        add(core, tx, connection, model, now).await?;
        added = true;
    }
    Ok(added)
}

async fn existing(tx: &mut Tx) -> Result<Option<ConnectionId>> {
    let connections = tx.catalog().platform_connections(None, i64::MAX).await?;
    Ok(connections.into_iter().find(|c| c.provider == Provider::Sandbox).map(|c| c.id))
}

async fn connect(core: &Core, tx: &mut Tx, now: Timestamp) -> Result<ConnectionId> {
    let connection = Connection {
        id: ConnectionId::mint(now, &core.entropy),
        organization_id: None,
        name: "Sandbox".parse()?,
        provider: Provider::Sandbox,
        environment: Environment::Test,
        base_url: None,
        api_key: None,
        api_key_last_four: None,
        enabled: true,
        when_left: WhenLeft::Cancel,
        created_at: now,
        created_by: MADE_BY.to_owned(),
    };
    tx.catalog().insert_connection(&connection).await?;
    Ok(connection.id)
}

async fn add(core: &Core, tx: &mut Tx, connection: ConnectionId, model: &SandboxModel, now: Timestamp) -> Result<()> {
    let row = Model {
        id: ModelId::mint(now, &core.entropy),
        connection_id: connection,
        upstream_id: model.id.parse()?,
        context_window: Some(i64::try_from(model.context_window).map_err(Error::internal)?),
        created_at: now,
    };
    let model_id = tx.catalog().ensure_model(&row).await?;
    let price = Price {
        id: PriceId::mint(now, &core.entropy),
        model_id,
        effective_from: now,
        rates: Rates {
            input: Rate::from_nanos_per_million(model.prices.input),
            cached_input: Some(Rate::from_nanos_per_million(model.prices.cached_input)),
            cache_write: None,
            output: Rate::from_nanos_per_million(model.prices.output),
            reasoning: model.prices.reasoning.map(Rate::from_nanos_per_million),
            per_request: Money::ZERO,
        },
        created_at: now,
        created_by: MADE_BY.to_owned(),
    };
    Ok(tx.catalog().insert_price(&price).await?)
}
