use domain::{
    ConnectionId, OrganizationId, Timestamp,
    catalog::{ConnectionName, Provider, WhenLeft},
    keys::Environment,
};

use super::Catalog;
use crate::Result;

/// Credentials for a provider in one environment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Connection {
    /// Its identity.
    pub id: ConnectionId,
    /// Whose it is; none for the platform's, which serve every organization.
    pub organization_id: Option<OrganizationId>,
    /// How it is called, unique in its environment.
    pub name: ConnectionName,
    /// Who is at the other end.
    pub provider: Provider,
    /// Which keys it serves.
    pub environment: Environment,
    /// Where requests go; none for what Turnpike itself serves.
    pub base_url: Option<String>,
    /// The provider's key, sealed for this row by [`crate::vault::Vault`].
    pub api_key: Option<Vec<u8>>,
    /// The provider key's last four characters.
    pub api_key_last_four: Option<String>,
    /// Whether it takes calls.
    pub enabled: bool,
    /// What becomes of an answer whose client has left.
    pub when_left: WhenLeft,
    /// Since when.
    pub created_at: Timestamp,
    /// Who made it: an audit actor.
    pub created_by: String,
}

impl Connection {
    /// Where the provider's key is sealed for.
    pub fn api_key_place(id: ConnectionId) -> crate::vault::Place {
        crate::vault::Place { table: "connections", column: "api_key", row: id.uuid() }
    }
}

macro_rules! columns {
    () => {
        "id, organization_id, name, provider, environment, base_url, api_key, api_key_last_four, enabled, when_left, created_at,
        created_by"
    };
}

impl Catalog<'_> {
    /// Adds a connection.
    pub async fn insert_connection(&mut self, connection: &Connection) -> Result<()> {
        const SQL: &str = concat!(
            "INSERT INTO connections (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        );
        let n = connection;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(n.id).bind(n.organization_id).bind(&n.name).bind(n.provider);
            let insert = insert.bind(n.environment).bind(&n.base_url).bind(&n.api_key).bind(&n.api_key_last_four);
            insert.bind(n.enabled).bind(n.when_left).bind(n.created_at).bind(&n.created_by).execute(c).await?;
            Ok(())
        })
    }

    /// Writes what can be changed of a connection: name, base URL, key, whether it is enabled, what becomes of
    /// answers that are left.
    pub async fn update_connection(&mut self, connection: &Connection) -> Result<()> {
        const SQL: &str = "UPDATE connections SET name = $2, base_url = $3, api_key = $4, api_key_last_four = $5,
            enabled = $6, when_left = $7 WHERE id = $1";
        let n = connection;
        run!(self.0, |c| {
            let update = sqlx::query(SQL).bind(n.id).bind(&n.name).bind(&n.base_url).bind(&n.api_key);
            update.bind(&n.api_key_last_four).bind(n.enabled).bind(n.when_left).execute(c).await?;
            Ok(())
        })
    }

    /// The connection with this identity.
    pub async fn connection(&mut self, id: ConnectionId) -> Result<Option<Connection>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM connections WHERE id = $1");
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
    }

    /// At most `limit` of the platform's connections, the newest first.
    pub async fn platform_connections(&mut self, before: Option<ConnectionId>, limit: i64) -> Result<Vec<Connection>> {
        const SQL: &str = concat!(
            "SELECT ",
            columns!(),
            " FROM connections
            WHERE organization_id IS NULL AND ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2"
        );
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(before).bind(limit).fetch_all(c).await?))
    }
}
