use axum::extract::State;
use domain::{
    EventId, Page, PageQuery,
    identity::Permission,
    usage::{EventQuery, EventView, NewAdjustment, SummaryQuery, SummaryView},
};
use service::usage::Usage;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, Query, access::Access};

pub(super) fn routes(routes: Routes) -> Routes {
    let access = Access::Needs(Permission::UsageRead);
    let staff = Access::Needs(Permission::PricesManage);
    let routes = routes.add(access, routes!(events)).add(access, routes!(event)).add(access, routes!(summary));
    routes.add(staff, routes!(adjust))
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

/// Adjusts what a call is booked at
///
/// For what had to be estimated, or was billed otherwise. The call's event stays as it is; an event of
/// kind `adjustment` is booked beside it with the difference, and the sum of both is right.
#[utoipa::path(post, path = "/api/v1/usage/events/{id}/adjustments", tag = "Usage", operation_id = "adjustUsageEvent",
    params(("id" = EventId, Path)),
    responses((status = 201, description = "The adjustment.", body = EventView)))]
async fn adjust(
    State(usage): State<Usage>,
    Authenticated(actor): Authenticated,
    Path(id): Path<EventId>,
    Json(new): Json<NewAdjustment>,
) -> Result<Created<EventView>, ApiError> {
    let made = usage.adjust(&actor, id, new).await?;
    Ok(Created::new("/api/v1/usage/events", made.id, made))
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
