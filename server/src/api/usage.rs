use axum::extract::State;
use domain::{
    EventId, Page, PageQuery,
    identity::Permission,
    usage::{EventQuery, EventView, SummaryQuery, SummaryView},
};
use service::usage::Usage;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Json, Path, Query, access::Access};

pub(super) fn routes(routes: Routes) -> Routes {
    let access = Access::Needs(Permission::UsageRead);
    routes.add(access, routes!(events)).add(access, routes!(event)).add(access, routes!(summary))
}

/// Lists usage events
///
/// The organization's metered calls that match, the newest first.
#[utoipa::path(get, path = "/api/v1/usage/events", tag = "Usage", operation_id = "listUsageEvents", params(EventQuery, PageQuery),
    responses((status = 200, description = "A page of events.", body = Page<EventView>)))]
async fn events(
    State(usage): State<Usage>,
    Authenticated(actor): Authenticated,
    Query(query): Query<EventQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<EventView>>, ApiError> {
    Ok(Json(usage.events(&actor, &query, &page).await?))
}

/// Gets a usage event
#[utoipa::path(get, path = "/api/v1/usage/events/{id}", tag = "Usage", operation_id = "getUsageEvent",
    params(("id" = EventId, Path)),
    responses((status = 200, description = "The event.", body = EventView)))]
async fn event(
    State(usage): State<Usage>,
    Authenticated(actor): Authenticated,
    Path(id): Path<EventId>,
) -> Result<Json<EventView>, ApiError> {
    Ok(Json(usage.event(&actor, id).await?))
}

/// Sums usage
///
/// Over a span of up to 400 days, by key, model, provider, hour or day.
#[utoipa::path(get, path = "/api/v1/usage/summary", tag = "Usage", operation_id = "summarizeUsage", params(SummaryQuery),
    responses((status = 200, description = "The sums.", body = SummaryView)))]
async fn summary(
    State(usage): State<Usage>,
    Authenticated(actor): Authenticated,
    Query(query): Query<SummaryQuery>,
) -> Result<Json<SummaryView>, ApiError> {
    Ok(Json(usage.summary(&actor, &query).await?))
}
