use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    KeyId, Page, PageQuery,
    audit::AuditEntryView,
    identity::Permission,
    jobs::JobView,
    keys::{
        BulkAnswer, BulkPreview, BulkRequest, CreatedKey, KeyChanges, KeyDraft, KeyQuery, KeyView, LeakReport,
        LeakView, ManyAnswer, ManyKeys, ManyPreview, NewRotation, SortQuery, Suggestion, SuggestionQuery,
    },
};
use service::keys::{Keys, MANAGING, TRACING};
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, Query, access::Access};

const COLLECTION: &str = "/api/v1/keys";

pub(super) fn routes(routes: Routes) -> Routes {
    let (read, manage) = (Access::Needs(Permission::KeysRead), Access::NeedsAny(MANAGING));
    routes
        .add(read, routes!(list))
        .add(manage, routes!(create))
        .add(read, routes!(suggest))
        .add(manage, routes!(bulk))
        .add(manage, routes!(create_many))
        .add(read, routes!(get))
        .add(manage, routes!(update))
        .add(manage, routes!(enable))
        .add(manage, routes!(disable))
        .add(manage, routes!(revoke))
        .add(manage, routes!(rotate))
        .add(manage, routes!(end_rotation))
        .add(manage, routes!(report_leak))
        .add(Access::NeedsAny(TRACING), routes!(trail))
}

/// Lists keys
///
/// The organization's keys that match. Words: `a,b` for any of them, `!a,b` for none. Ranges: `10..20`, `10..`,
/// `..10`. Times: `90d..` for 90 days ago or longer, `..7d` for the last 7 days (`h`, `d`, `w`), dates as
/// `2026-01-01..2026-02-01`, or `never`.
#[utoipa::path(get, path = "/api/v1/keys", tag = "Keys", operation_id = "listKeys", params(KeyQuery, SortQuery, PageQuery),
    responses((status = 200, description = "A page of keys.", body = Page<KeyView>)))]
async fn list(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Query(query): Query<KeyQuery>,
    Query(sort): Query<SortQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<KeyView>>, ApiError> {
    Ok(Json(keys.list(&actor, &query, &sort, &page).await?))
}

/// Suggests values
///
/// What a filter of keys can be given, as far as it contains what was typed: at most 20 values that there are.
#[utoipa::path(get, path = "/api/v1/keys/suggestions", tag = "Keys", operation_id = "suggestKeyValues",
    params(SuggestionQuery), responses((status = 200, description = "The values.", body = Vec<Suggestion>)))]
async fn suggest(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Query(query): Query<SuggestionQuery>,
) -> Result<Json<Vec<Suggestion>>, ApiError> {
    Ok(Json(keys.suggest(&actor, &query).await?))
}

/// Creates a key
///
/// You own it, unless you name another owner. From a template, what you leave out is the template's, and what it locks can't
/// be other; its limits and budget become the key's own. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/keys", tag = "Keys", operation_id = "createKey",
    responses((status = 201, description = "The key, and its secret.", body = CreatedKey)))]
async fn create(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Json(draft): Json<KeyDraft>,
) -> Result<Created<CreatedKey>, ApiError> {
    let created = keys.create(&actor, draft).await?;
    Ok(Created::new(COLLECTION, created.key.id, created))
}

/// Does something to many keys
///
/// To all that match a filter, or to those that are named. A dry run says how many would be changed, and why the
/// others would not; otherwise a job begins, which `/api/v1/jobs/{id}` follows. Each key that is changed has its entry
/// in the audit log. With another number of keys than `expected_count` nothing is done.
#[utoipa::path(post, path = "/api/v1/keys/bulk", tag = "Keys", operation_id = "bulkKeys",
    responses(
        (status = 200, description = "What would be done, in a dry run.", body = BulkPreview),
        (status = 202, description = "The job that does it.", body = JobView)))]
async fn bulk(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Json(request): Json<BulkRequest>,
) -> Result<Response, ApiError> {
    Ok(match keys.bulk(&actor, request).await? {
        BulkAnswer::Preview(preview) => Json(preview).into_response(),
        BulkAnswer::Job(job) => (StatusCode::ACCEPTED, Json(job)).into_response(),
    })
}

/// Creates many keys
///
/// Up to 10,000, named by a pattern, one by one or in a CSV, each as if it were created alone. A dry run says which of them can't be,
/// and why; as long as there is one, none is created. Otherwise a job begins, which `/api/v1/jobs/{id}` follows; when it is over,
/// `POST /api/v1/jobs/{id}/secrets` answers the secrets once.
#[utoipa::path(post, path = "/api/v1/keys/many", tag = "Keys", operation_id = "createManyKeys",
    responses(
        (status = 200, description = "What would be made, in a dry run.", body = ManyPreview),
        (status = 202, description = "The job that makes them.", body = JobView)))]
async fn create_many(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Json(request): Json<ManyKeys>,
) -> Result<Response, ApiError> {
    Ok(match keys.create_many(&actor, request).await? {
        ManyAnswer::Preview(preview) => Json(preview).into_response(),
        ManyAnswer::Job(job) => (StatusCode::ACCEPTED, Json(job)).into_response(),
    })
}

/// Gets a key
#[utoipa::path(get, path = "/api/v1/keys/{id}", tag = "Keys", operation_id = "getKey", params(("id" = KeyId, Path)),
    responses((status = 200, description = "The key.", body = KeyView)))]
async fn get(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
) -> Result<Json<KeyView>, ApiError> {
    Ok(Json(keys.get(&actor, id).await?))
}

/// Changes a key
///
/// Its name, description, owner, team, labels, expiry or rules. What is absent stays; `null` removes the end, the
/// owner or the team, and `rules` take the place of all there are. Rules are in force within one second.
#[utoipa::path(patch, path = "/api/v1/keys/{id}", tag = "Keys", operation_id = "updateKey", params(("id" = KeyId, Path)),
    responses((status = 200, description = "The key as it is now.", body = KeyView)))]
async fn update(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
    Json(changes): Json<KeyChanges>,
) -> Result<Json<KeyView>, ApiError> {
    Ok(Json(keys.update(&actor, id, changes).await?))
}

/// Enables a key
///
/// It may call again.
#[utoipa::path(post, path = "/api/v1/keys/{id}/enable", tag = "Keys", operation_id = "enableKey", params(("id" = KeyId, Path)),
    responses((status = 200, description = "The key as it is now.", body = KeyView)))]
async fn enable(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
) -> Result<Json<KeyView>, ApiError> {
    Ok(Json(keys.enable(&actor, id).await?))
}

/// Disables a key
///
/// Its calls are refused within one second, until it is enabled.
#[utoipa::path(post, path = "/api/v1/keys/{id}/disable", tag = "Keys", operation_id = "disableKey", params(("id" = KeyId, Path)),
    responses((status = 200, description = "The key as it is now.", body = KeyView)))]
async fn disable(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
) -> Result<Json<KeyView>, ApiError> {
    Ok(Json(keys.disable(&actor, id).await?))
}

/// Revokes a key
///
/// Its calls are refused within one second, for good.
#[utoipa::path(post, path = "/api/v1/keys/{id}/revoke", tag = "Keys", operation_id = "revokeKey", params(("id" = KeyId, Path)),
    responses((status = 200, description = "The key as it is now.", body = KeyView)))]
async fn revoke(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
) -> Result<Json<KeyView>, ApiError> {
    Ok(Json(keys.revoke(&actor, id).await?))
}

/// Rotates a key
///
/// It gets a new secret, which is in this answer and nowhere else. The old one goes on for `overlap`: `0s`, `1h`, `24h`,
/// `7d`, `30d` or any other time up to 90 days. One that went on from a rotation before ends now. All else of the key stays.
#[utoipa::path(post, path = "/api/v1/keys/{id}/rotate", tag = "Keys", operation_id = "rotateKey", params(("id" = KeyId, Path)),
    responses((status = 200, description = "The key, and its new secret.", body = CreatedKey)))]
async fn rotate(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
    Json(new): Json<NewRotation>,
) -> Result<Json<CreatedKey>, ApiError> {
    Ok(Json(keys.rotate(&actor, id, new.overlap).await?))
}

/// Ends a rotation
///
/// The old secret is refused within one second. Where there is none that is good, nothing changes.
#[utoipa::path(post, path = "/api/v1/keys/{id}/rotate/end", tag = "Keys", operation_id = "endKeyRotation",
    params(("id" = KeyId, Path)),
    responses((status = 200, description = "The key as it is now.", body = KeyView)))]
async fn end_rotation(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
) -> Result<Json<KeyView>, ApiError> {
    Ok(Json(keys.end_rotation(&actor, id).await?))
}

/// Reports a leaked key
///
/// Give a secret that was found where it should not be: it is refused within one second, whosever key it is. The key is revoked;
/// of a secret that the key had before a rotation, only that secret ends. A key of your organization is named.
#[utoipa::path(post, path = "/api/v1/keys/report-leak", tag = "Keys", operation_id = "reportLeakedKey",
    responses((status = 200, description = "What became of it.", body = LeakView)))]
async fn report_leak(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Json(report): Json<LeakReport>,
) -> Result<Json<LeakView>, ApiError> {
    Ok(Json(keys.report_leak(&actor, &report.secret).await?))
}

/// Lists what was done to a key
///
/// The entries of the audit log on it and on limits and budgets of its own, the newest first: for those who may manage
/// the key, and those who may read the audit log. From where it was done is told to the latter.
#[utoipa::path(get, path = "/api/v1/keys/{id}/audit", tag = "Keys", operation_id = "listKeyAudit",
    params(("id" = KeyId, Path), PageQuery),
    responses((status = 200, description = "A page of entries.", body = Page<AuditEntryView>)))]
async fn trail(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Path(id): Path<KeyId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<AuditEntryView>>, ApiError> {
    Ok(Json(keys.trail(&actor, id, &page).await?))
}
