use std::{collections::HashSet, time::Duration};

use domain::{
    ConnectionId, ErrorCode, ModelId, Page, PageQuery,
    catalog::{ConnectionChanges, ConnectionView, CreatedConnection, ModelName, NewConnection, ProbeView, Provider},
    identity::Permission,
};
use integrations::{
    openai_compatible::{BaseUrl, list_models},
    upstream::{Policy, Upstream},
};
use store::{
    Reader, Tx,
    catalog::{Connection, Model},
    changes::Change,
};

use crate::{
    Actor, Core, Error, Result,
    audit::{Deed, created},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The platform's connections to providers.
#[derive(Debug, Clone)]
pub struct Connections {
    core: Core,
    upstream: Upstream,
}

impl Connections {
    /// The handle.
    pub fn new(core: Core) -> Self {
        let policy = Policy { private_allowed: core.settings.private_upstreams };
        Self { upstream: Upstream::new(policy, CONNECT_TIMEOUT), core }
    }

    /// Connects a provider: stores its key encrypted, tests it, and adds its models without a
    /// price. It is connected even when the test fails; the answer says what happened.
    ///
    /// # Errors
    /// When the address is none, or the name is taken in this environment.
    pub async fn create(&self, actor: &Actor, new: NewConnection) -> Result<CreatedConnection> {
        actor.require(Permission::ConnectionsManage)?;
        let base_url = parse_base_url(&new.base_url)?;
        let core = &self.core;
        let (id, now) = (ConnectionId::mint(core.now(), &core.entropy), core.now());
        let api_key = new.api_key.trim();
        let sealed = core.vault.seal(Connection::api_key_place(id), api_key.as_bytes()).map_err(Error::internal)?;
        let connection = Connection {
            id,
            organization_id: None,
            name: new.name,
            provider: Provider::OpenaiCompatible,
            environment: new.environment,
            base_url: Some(base_url.to_string()),
            api_key: Some(sealed),
            api_key_last_four: last_four(api_key),
            enabled: true,
            when_left: new.when_left,
            created_at: now,
            created_by: actor.audit_name(),
        };
        let mut tx = core.db.begin().await?;
        tx.catalog().insert_connection(&connection).await.map_err(|e| taken(e, &connection))?;
        core.audit(&mut tx, actor, created("connection.created", id.to_string(), &audited(&connection))).await?;
        core.commit_changes(tx, &[Change::Catalog]).await?;
        let test = self.probe(actor, &connection).await?;
        let mut reader = core.db.read().await?;
        Ok(CreatedConnection { connection: view(&mut reader, connection).await?, test })
    }

    /// Calls the provider for its models, says what happened, and adds those that are new.
    pub async fn test(&self, actor: &Actor, id: ConnectionId) -> Result<ProbeView> {
        let connection = self.find(actor, id).await?;
        self.probe(actor, &connection).await
    }

    async fn probe(&self, actor: &Actor, connection: &Connection) -> Result<ProbeView> {
        let Some(base_url) = &connection.base_url else {
            let models = integrations::sandbox::MODELS.len() as u64;
            return Ok(ProbeView {
                ok: true,
                message: "The Sandbox is part of Turnpike and always answers.".into(),
                models,
                added: 0,
            });
        };
        let base_url = parse_base_url(base_url)?;
        let api_key = self.open_key(connection)?;
        match list_models(&self.upstream, &base_url, &api_key).await {
            Err(error) => Ok(ProbeView { ok: false, message: error.to_string(), models: 0, added: 0 }),
            Ok(offered) => {
                let names: Vec<ModelName> = offered.iter().filter_map(|m| m.id.parse().ok()).collect();
                let added = self.add_models(actor, connection.id, &names).await?;
                let message = match names.len() {
                    0 => "The provider answered, but offers no model.".to_owned(),
                    1 => "The provider answered and offers 1 model.".to_owned(),
                    n => format!("The provider answered and offers {n} models."),
                };
                Ok(ProbeView { ok: true, message, models: names.len() as u64, added })
            }
        }
    }

    fn open_key(&self, connection: &Connection) -> Result<String> {
        let Some(sealed) = &connection.api_key else { return Ok(String::new()) };
        let opened = self.core.vault.open(Connection::api_key_place(connection.id), sealed).map_err(Error::internal)?;
        String::from_utf8(opened).map_err(Error::internal)
    }

    async fn add_models(&self, actor: &Actor, connection: ConnectionId, names: &[ModelName]) -> Result<u64> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let known: HashSet<ModelName> =
            tx.catalog().models_of(connection).await?.into_iter().map(|m| m.upstream_id).collect();
        let mut new: Vec<&ModelName> = names.iter().filter(|n| !known.contains(n)).collect();
        new.sort();
        new.dedup();
        if new.is_empty() {
            return Ok(0);
        }
        for name in &new {
            insert_model(core, &mut tx, connection, name).await?;
        }
        let after = serde_json::json!({ "models": new });
        core.audit(&mut tx, actor, created("connection.models_added", connection.to_string(), &after)).await?;
        core.commit_changes(tx, &[Change::Catalog]).await?;
        Ok(new.len() as u64)
    }

    /// The platform's connections, the newest first.
    pub async fn list(&self, actor: &Actor, page: &PageQuery) -> Result<Page<ConnectionView>> {
        actor.require(Permission::ConnectionsManage)?;
        let limit = page.limit()?;
        let mut reader = self.core.db.read().await?;
        let rows = reader.catalog().platform_connections(page.after()?, i64::from(limit) + 1).await?;
        let page = Page::cut(rows, limit, |c| c.id.to_string());
        let next_cursor = page.next_cursor.clone();
        let mut data = Vec::with_capacity(page.data.len());
        for connection in page.data {
            data.push(view(&mut reader, connection).await?);
        }
        Ok(Page { data, next_cursor })
    }

    /// One connection.
    pub async fn get(&self, actor: &Actor, id: ConnectionId) -> Result<ConnectionView> {
        let connection = self.find(actor, id).await?;
        view(&mut self.core.db.read().await?, connection).await
    }

    /// Lets a connection take calls, or stops it.
    pub async fn set_enabled(&self, actor: &Actor, id: ConnectionId, enabled: bool) -> Result<ConnectionView> {
        let before = self.find(actor, id).await?;
        let connection = Connection { enabled, ..before.clone() };
        let action = if enabled { "connection.enabled" } else { "connection.disabled" };
        self.save(actor, action, &before, &connection).await?;
        view(&mut self.core.db.read().await?, connection).await
    }

    /// Changes what can be decided anew of a connection.
    pub async fn update(&self, actor: &Actor, id: ConnectionId, changes: ConnectionChanges) -> Result<ConnectionView> {
        let before = self.find(actor, id).await?;
        let when_left = changes.when_left.unwrap_or(before.when_left);
        let connection = Connection { when_left, ..before.clone() };
        self.save(actor, "connection.updated", &before, &connection).await?;
        view(&mut self.core.db.read().await?, connection).await
    }

    /// Replaces the provider's key.
    pub async fn replace_key(&self, actor: &Actor, id: ConnectionId, api_key: &str) -> Result<ConnectionView> {
        let before = self.find(actor, id).await?;
        if before.provider == Provider::Sandbox {
            return Err(Error::new(ErrorCode::Conflict, "The Sandbox has no key."));
        }
        let api_key = api_key.trim();
        let sealed =
            self.core.vault.seal(Connection::api_key_place(id), api_key.as_bytes()).map_err(Error::internal)?;
        let connection = Connection { api_key: Some(sealed), api_key_last_four: last_four(api_key), ..before.clone() };
        self.save(actor, "connection.key_replaced", &before, &connection).await?;
        view(&mut self.core.db.read().await?, connection).await
    }

    async fn save(&self, actor: &Actor, action: &'static str, before: &Connection, after: &Connection) -> Result<()> {
        if before == after {
            return Ok(());
        }
        let mut tx = self.core.db.begin().await?;
        tx.catalog().update_connection(after).await?;
        let (was, is) = (audited(before), audited(after));
        let deed = Deed { action, target: after.id.to_string(), before: Some(&was), after: Some(&is) };
        self.core.audit(&mut tx, actor, deed).await?;
        self.core.commit_changes(tx, &[Change::Catalog]).await
    }

    async fn find(&self, actor: &Actor, id: ConnectionId) -> Result<Connection> {
        actor.require(Permission::ConnectionsManage)?;
        let connection = self.core.db.read().await?.catalog().connection(id).await?;
        connection.filter(|c| c.organization_id.is_none()).ok_or_else(|| Error::not_found("connection"))
    }
}

async fn insert_model(core: &Core, tx: &mut Tx, connection: ConnectionId, name: &ModelName) -> Result<()> {
    let now = core.now();
    let model = Model {
        id: ModelId::mint(now, &core.entropy),
        connection_id: connection,
        upstream_id: name.clone(),
        context_window: None,
        created_at: now,
    };
    tx.catalog().ensure_model(&model).await?;
    Ok(())
}

async fn view(reader: &mut Reader, connection: Connection) -> Result<ConnectionView> {
    let models = reader.catalog().models_of(connection.id).await?;
    let ids: Vec<ModelId> = models.iter().map(|m| m.id).collect();
    let priced: HashSet<ModelId> = reader.catalog().prices(&ids).await?.into_iter().map(|p| p.model_id).collect();
    Ok(ConnectionView {
        id: connection.id,
        name: connection.name,
        provider: connection.provider,
        environment: connection.environment,
        base_url: connection.base_url,
        api_key_last_four: connection.api_key_last_four,
        enabled: connection.enabled,
        when_left: connection.when_left,
        models: models.len() as u64,
        unpriced: models.iter().filter(|m| !priced.contains(&m.id)).count() as u64,
        created_at: connection.created_at,
    })
}

/// What the audit log keeps of a connection: never the key.
fn audited(connection: &Connection) -> serde_json::Value {
    serde_json::json!({
        "name": connection.name,
        "environment": connection.environment,
        "base_url": connection.base_url,
        "api_key_last_four": connection.api_key_last_four,
        "enabled": connection.enabled,
        "when_left": connection.when_left,
    })
}

fn parse_base_url(text: &str) -> Result<BaseUrl> {
    let invalid = |e: integrations::openai_compatible::InvalidBaseUrl| Error {
        param: Some("base_url"),
        ..Error::new(ErrorCode::InvalidRequest, e.to_string())
    };
    text.trim().parse().map_err(invalid)
}

/// The last four characters of a key that is long enough to keep the rest a secret.
fn last_four(api_key: &str) -> Option<String> {
    let characters: Vec<char> = api_key.chars().collect();
    (characters.len() >= 12).then(|| characters[characters.len() - 4..].iter().collect())
}

fn taken(error: store::Error, connection: &Connection) -> Error {
    match error.is_duplicate() {
        true => Error::taken("name", format!("There is a {} connection of this name already.", connection.environment)),
        false => error.into(),
    }
}
