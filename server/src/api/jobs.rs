use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    JobId, Page, PageQuery, WireError, csv,
    identity::Permission,
    jobs::{ItemQuery, JobItemView, JobQuery, JobView, MadeSecret, Outcome, Reason},
    keys::Environment,
};
use futures_util::{Stream, stream};
use service::{Actor, Error, jobs::Jobs, keys::MANAGING};
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Json, Path, Query, access::Access};

pub(super) fn routes(routes: Routes) -> Routes {
    let (read, change) = (Access::Needs(Permission::JobsRead), Access::NeedsAny(MANAGING));
    routes
        .add(read, routes!(list))
        .add(read, routes!(get))
        .add(read, routes!(items))
        .add(read, routes!(export))
        .add(change, routes!(cancel))
        .add(change, routes!(retry))
        .add(change, routes!(undo))
        .add(change, routes!(secrets))
}

/// Lists jobs
///
/// The newest first: all of the organization's for those who manage every key, otherwise your own.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "Jobs", operation_id = "listJobs", params(JobQuery, PageQuery),
    responses((status = 200, description = "A page of jobs.", body = Page<JobView>)))]
async fn list(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Query(query): Query<JobQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<JobView>>, ApiError> {
    Ok(Json(jobs.list(&actor, &query, &page).await?))
}

/// Gets a job
///
/// Where it is, and how far. Ask again until its state is `done`, `failed` or `cancelled`.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "Jobs", operation_id = "getJob", params(("id" = JobId, Path)),
    responses((status = 200, description = "The job.", body = JobView)))]
async fn get(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, ApiError> {
    Ok(Json(jobs.get(&actor, id).await?))
}

/// Lists a job's items
///
/// What became of each, and why. Kept for 30 days after the job's end.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/items", tag = "Jobs", operation_id = "listJobItems",
    params(("id" = JobId, Path), ItemQuery, PageQuery),
    responses((status = 200, description = "A page of items.", body = Page<JobItemView>)))]
async fn items(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Path(id): Path<JobId>,
    Query(query): Query<ItemQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<JobItemView>>, ApiError> {
    Ok(Json(jobs.items(&actor, id, &query, &page).await?))
}

/// Exports a job's items
///
/// As CSV, all of them or those with one outcome. What a spreadsheet would take for a formula is preceded by `'`.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/items.csv", tag = "Jobs", operation_id = "exportJobItems",
    params(("id" = JobId, Path), ItemQuery),
    responses((status = 200, description = "A row an item, below one of names.", body = String, content_type = "text/csv")))]
async fn export(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Path(id): Path<JobId>,
    Query(query): Query<ItemQuery>,
) -> Result<Response, ApiError> {
    let outcome = query.outcome()?;
    // The first page is read before anything is answered, so that a refusal is one.
    let first = jobs.export(&actor, id, outcome, 0).await?;
    let name = format!("attachment; filename=\"{id}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name.as_str())];
    let body = Body::from_stream(rows(Export { jobs, actor, id, outcome }, first));
    Ok((headers, body).into_response())
}

/// Cancels a job
///
/// What it has done stays done; the other items are not touched.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "Jobs", operation_id = "cancelJob", params(("id" = JobId, Path)),
    responses((status = 200, description = "The job as it is now.", body = JobView)))]
async fn cancel(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, ApiError> {
    Ok(Json(jobs.cancel(&actor, id).await?))
}

/// Retries a job's failed items
///
/// In the name of whoever asked for the job.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "Jobs", operation_id = "retryJob", params(("id" = JobId, Path)),
    responses((status = 200, description = "The job as it is now.", body = JobView)))]
async fn retry(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, ApiError> {
    Ok(Json(jobs.retry_failed(&actor, id).await?))
}

/// Undoes a job
///
/// Within 24 hours of its end, by another job, in your name. Keys that were changed since are left as they are.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/undo", tag = "Jobs", operation_id = "undoJob", params(("id" = JobId, Path)),
    responses((status = 202, description = "The job that takes it back.", body = JobView)))]
async fn undo(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Response, ApiError> {
    Ok((StatusCode::ACCEPTED, Json(jobs.undo(&actor, id).await?)).into_response())
}

/// Downloads the secrets of a job's keys
///
/// Of a job that created keys, for whoever asked for it, once, within an hour of its end: with this answer the secrets are nowhere
/// else, also when it does not arrive. As CSV; what a spreadsheet would take for a formula is preceded by `'`.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/secrets", tag = "Jobs", operation_id = "downloadJobSecrets",
    params(("id" = JobId, Path)),
    responses(
        (status = 200, description = "A row a key, below one of names.", body = String, content_type = "text/csv"),
        (status = 410, description = "`gone`: They were downloaded, or their hour is over.", body = WireError)))]
async fn secrets(
    State(jobs): State<Jobs>,
    Authenticated(actor): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Response, ApiError> {
    let secrets = jobs.download_secrets(&actor, id).await?;
    let mut text = csv::row(["id", "name", "environment", "secret"]);
    text.extend(secrets.iter().map(secret));
    let name = format!("attachment; filename=\"{id}-secrets.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, name.as_str()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}

fn secret(of: &MadeSecret) -> String {
    let live = of.secret.starts_with(Environment::Live.key_prefix());
    let environment = if live { Environment::Live } else { Environment::Test };
    csv::row([of.key.to_string().as_str(), &of.name, environment.as_str(), &of.secret])
}

/// What an export goes on with.
struct Export {
    jobs: Jobs,
    actor: Actor,
    id: JobId,
    outcome: Option<Outcome>,
}

/// The export's text, a page of items at a time.
fn rows(export: Export, first: Vec<JobItemView>) -> impl Stream<Item = Result<String, Error>> {
    let names = csv::row(["key", "name", "outcome", "reason", "message", "at"]);
    stream::try_unfold(Some((export, names, first)), |state| async move {
        let Some((export, mut text, items)) = state else { return Ok(None) };
        text.extend(items.iter().map(row));
        let next = match items.last() {
            Some(last) => {
                let items = export.jobs.export(&export.actor, export.id, export.outcome, last.position).await?;
                Some((export, String::new(), items))
            }
            None => None,
        };
        Ok(Some((text, next)))
    })
}

fn row(item: &JobItemView) -> String {
    let (key, at) = (item.key_id.to_string(), item.at.map(|at| at.to_string()));
    csv::row([
        key.as_str(),
        item.name.as_deref().unwrap_or_default(),
        item.outcome.as_str(),
        item.reason.map_or("", Reason::as_str),
        item.message.as_deref().unwrap_or_default(),
        at.as_deref().unwrap_or_default(),
    ])
}
