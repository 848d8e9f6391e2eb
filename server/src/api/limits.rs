use axum::{extract::State, http::StatusCode};
use domain::{
    LimitId, Page, PageQuery,
    identity::Permission,
    limits::{LimitChanges, LimitQuery, LimitView, NewLimit},
};
use service::limits::Limits;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, Query, access::Access};

const COLLECTION: &str = "/api/v1/limits";

pub(super) fn routes(routes: Routes) -> Routes {
    let (read, manage) = (Access::Needs(Permission::LimitsRead), Access::Needs(Permission::LimitsManage));
    routes
        .add(read, routes!(list))
        .add(manage, routes!(create))
        .add(read, routes!(get))
        .add(manage, routes!(update))
        .add(manage, routes!(delete))
}

/// Lists limits
///
/// The organization's limits that match, the oldest first, each with what is left of it right now.
#[utoipa::path(get, path = "/api/v1/limits", tag = "Limits", operation_id = "listLimits", params(LimitQuery, PageQuery),
    responses((status = 200, description = "A page of limits.", body = Page<LimitView>)))]
async fn list(
    State(limits): State<Limits>,
    Authenticated(actor): Authenticated,
    Query(query): Query<LimitQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<LimitView>>, ApiError> {
    Ok(Json(limits.list(&actor, &query, &page).await?))
}

/// Creates a limit
///
/// For the organization, a team, a user or a key, as in `{"key": "key_…"}`. It is in force within one
/// second. One of an endpoint takes the place of the one for all endpoints, for calls of that endpoint.
#[utoipa::path(post, path = "/api/v1/limits", tag = "Limits", operation_id = "createLimit",
    responses((status = 201, description = "The limit, and how it stands.", body = LimitView)))]
async fn create(
    State(limits): State<Limits>,
    Authenticated(actor): Authenticated,
    Json(new): Json<NewLimit>,
) -> Result<Created<LimitView>, ApiError> {
    let created = limits.create(&actor, new).await?;
    Ok(Created::new(COLLECTION, created.id, created))
}

/// Gets a limit
#[utoipa::path(get, path = "/api/v1/limits/{id}", tag = "Limits", operation_id = "getLimit",
    params(("id" = LimitId, Path)),
    responses((status = 200, description = "The limit, and how it stands.", body = LimitView)))]
async fn get(
    State(limits): State<Limits>,
    Authenticated(actor): Authenticated,
    Path(id): Path<LimitId>,
) -> Result<Json<LimitView>, ApiError> {
    Ok(Json(limits.get(&actor, id).await?))
}

/// Changes a limit
///
/// Its amount or its burst. What is absent stays; a burst of the whole amount goes along with the amount.
/// It is in force within one second; what is used stays used.
#[utoipa::path(patch, path = "/api/v1/limits/{id}", tag = "Limits", operation_id = "updateLimit",
    params(("id" = LimitId, Path)),
    responses((status = 200, description = "The limit as it is now.", body = LimitView)))]
async fn update(
    State(limits): State<Limits>,
    Authenticated(actor): Authenticated,
    Path(id): Path<LimitId>,
    Json(changes): Json<LimitChanges>,
) -> Result<Json<LimitView>, ApiError> {
    Ok(Json(limits.update(&actor, id, changes).await?))
}

/// Deletes a limit
///
/// It limits nothing from the next second on. Calls under way go on.
#[utoipa::path(delete, path = "/api/v1/limits/{id}", tag = "Limits", operation_id = "deleteLimit",
    params(("id" = LimitId, Path)),
    responses((status = 204, description = "It is gone.")))]
async fn delete(
    State(limits): State<Limits>,
    Authenticated(actor): Authenticated,
    Path(id): Path<LimitId>,
) -> Result<StatusCode, ApiError> {
    limits.delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
