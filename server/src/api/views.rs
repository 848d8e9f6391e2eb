use axum::{extract::State, http::StatusCode};
use domain::{
    ViewId,
    identity::Permission,
    views::{NewView, SavedView, ViewChanges, ViewCount, ViewQuery},
};
use service::views::Views;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, Query, access::Access};

const COLLECTION: &str = "/api/v1/saved-views";

pub(super) fn routes(routes: Routes) -> Routes {
    // The only list that has views is the keys'.
    let read = Access::Needs(Permission::KeysRead);
    routes
        .add(read, routes!(list))
        .add(read, routes!(create))
        .add(read, routes!(counts))
        .add(read, routes!(update))
        .add(read, routes!(delete))
}

/// Lists saved views
///
/// Those that come with Turnpike, your own and those shared with you, in their order.
#[utoipa::path(get, path = "/api/v1/saved-views", tag = "Saved views", operation_id = "listViews", params(ViewQuery),
    responses((status = 200, description = "The views.", body = Vec<SavedView>)))]
async fn list(
    State(views): State<Views>,
    Authenticated(actor): Authenticated,
    Query(query): Query<ViewQuery>,
) -> Result<Json<Vec<SavedView>>, ApiError> {
    Ok(Json(views.list(&actor, query.list).await?))
}

/// Saves a view
#[utoipa::path(post, path = "/api/v1/saved-views", tag = "Saved views", operation_id = "createView",
    responses((status = 201, description = "The view.", body = SavedView)))]
async fn create(
    State(views): State<Views>,
    Authenticated(actor): Authenticated,
    Json(new): Json<NewView>,
) -> Result<Created<SavedView>, ApiError> {
    let created = views.create(&actor, new).await?;
    Ok(Created::new(COLLECTION, created.id, created))
}

/// Counts what saved views show
///
/// How many rows each of a list's views shows right now.
#[utoipa::path(get, path = "/api/v1/saved-views/counts", tag = "Saved views", operation_id = "countViews", params(ViewQuery),
    responses((status = 200, description = "The counts.", body = Vec<ViewCount>)))]
async fn counts(
    State(views): State<Views>,
    Authenticated(actor): Authenticated,
    Query(query): Query<ViewQuery>,
) -> Result<Json<Vec<ViewCount>>, ApiError> {
    Ok(Json(views.counts(&actor, query.list).await?))
}

/// Changes a saved view
///
/// Its name, parameters, sharing or place, or whether the list opens with it for you. What is absent stays.
#[utoipa::path(patch, path = "/api/v1/saved-views/{id}", tag = "Saved views", operation_id = "updateView",
    params(("id" = ViewId, Path)),
    responses((status = 200, description = "The view as it is now.", body = SavedView)))]
async fn update(
    State(views): State<Views>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ViewId>,
    Json(changes): Json<ViewChanges>,
) -> Result<Json<SavedView>, ApiError> {
    Ok(Json(views.update(&actor, id, changes).await?))
}

/// Deletes a saved view
#[utoipa::path(delete, path = "/api/v1/saved-views/{id}", tag = "Saved views", operation_id = "deleteView",
    params(("id" = ViewId, Path)),
    responses((status = 204, description = "It is gone.")))]
async fn delete(
    State(views): State<Views>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ViewId>,
) -> Result<StatusCode, ApiError> {
    views.delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
