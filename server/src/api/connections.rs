use axum::extract::State;
use domain::{
    ConnectionId, Page, PageQuery,
    catalog::{ConnectionChanges, ConnectionView, CreatedConnection, NewConnection, ProbeView},
    identity::Permission,
};
use serde::Deserialize;
use service::catalog::Connections;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, Query, access::Access};

const COLLECTION: &str = "/api/v1/connections";

pub(super) fn routes(routes: Routes) -> Routes {
    let staff = Access::Needs(Permission::ConnectionsManage);
    routes
        .add(staff, routes!(list))
        .add(staff, routes!(create))
        .add(staff, routes!(get))
        .add(staff, routes!(update))
        .add(staff, routes!(test))
        .add(staff, routes!(enable))
        .add(staff, routes!(disable))
        .add(staff, routes!(replace_key))
}

/// A provider's key, to take the place of the one before.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiKey {
    /// The provider's key. Encrypted at once, and never shown again.
    api_key: String,
}

/// Lists connections
///
/// The platform's connections, the newest first.
#[utoipa::path(get, path = "/api/v1/connections", tag = "Connections", operation_id = "listConnections", params(PageQuery),
    responses((status = 200, description = "A page of connections.", body = Page<ConnectionView>)))]
async fn list(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ConnectionView>>, ApiError> {
    Ok(Json(connections.list(&actor, &page).await?))
}

/// Connects a provider
///
/// Tests it at once and adds its models, without prices. It is connected even when the test fails:
/// `test` says what happened.
#[utoipa::path(post, path = "/api/v1/connections", tag = "Connections", operation_id = "createConnection",
    responses((status = 201, description = "The connection, and what its first test showed.", body = CreatedConnection)))]
async fn create(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Json(new): Json<NewConnection>,
) -> Result<Created<CreatedConnection>, ApiError> {
    let created = connections.create(&actor, new).await?;
    Ok(Created::new(COLLECTION, created.connection.id, created))
}

/// Gets a connection
#[utoipa::path(get, path = "/api/v1/connections/{id}", tag = "Connections", operation_id = "getConnection",
    params(("id" = ConnectionId, Path)),
    responses((status = 200, description = "The connection.", body = ConnectionView)))]
async fn get(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ConnectionId>,
) -> Result<Json<ConnectionView>, ApiError> {
    Ok(Json(connections.get(&actor, id).await?))
}

/// Changes a connection
///
/// What is absent stays.
#[utoipa::path(patch, path = "/api/v1/connections/{id}", tag = "Connections", operation_id = "updateConnection",
    params(("id" = ConnectionId, Path)),
    responses((status = 200, description = "The connection as it is now.", body = ConnectionView)))]
async fn update(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ConnectionId>,
    Json(changes): Json<ConnectionChanges>,
) -> Result<Json<ConnectionView>, ApiError> {
    Ok(Json(connections.update(&actor, id, changes).await?))
}

/// Tests a connection
///
/// Calls the provider for its models, says what happened, and adds those that are new.
#[utoipa::path(post, path = "/api/v1/connections/{id}/test", tag = "Connections", operation_id = "testConnection",
    params(("id" = ConnectionId, Path)),
    responses((status = 200, description = "What the test showed; `ok` is false when the provider did not answer.", body = ProbeView)))]
async fn test(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ConnectionId>,
) -> Result<Json<ProbeView>, ApiError> {
    Ok(Json(connections.test(&actor, id).await?))
}

/// Enables a connection
///
/// It takes calls again.
#[utoipa::path(post, path = "/api/v1/connections/{id}/enable", tag = "Connections", operation_id = "enableConnection",
    params(("id" = ConnectionId, Path)),
    responses((status = 200, description = "The connection as it is now.", body = ConnectionView)))]
async fn enable(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ConnectionId>,
) -> Result<Json<ConnectionView>, ApiError> {
    Ok(Json(connections.set_enabled(&actor, id, true).await?))
}

/// Disables a connection
///
/// It takes no calls until it is enabled.
#[utoipa::path(post, path = "/api/v1/connections/{id}/disable", tag = "Connections", operation_id = "disableConnection",
    params(("id" = ConnectionId, Path)),
    responses((status = 200, description = "The connection as it is now.", body = ConnectionView)))]
async fn disable(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ConnectionId>,
) -> Result<Json<ConnectionView>, ApiError> {
    Ok(Json(connections.set_enabled(&actor, id, false).await?))
}

/// Replaces the provider's key
#[utoipa::path(put, path = "/api/v1/connections/{id}/api-key", tag = "Connections", operation_id = "replaceConnectionApiKey",
    params(("id" = ConnectionId, Path)),
    responses((status = 200, description = "The connection as it is now.", body = ConnectionView)))]
async fn replace_key(
    State(connections): State<Connections>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ConnectionId>,
    Json(new): Json<NewApiKey>,
) -> Result<Json<ConnectionView>, ApiError> {
    Ok(Json(connections.replace_key(&actor, id, &new.api_key).await?))
}
