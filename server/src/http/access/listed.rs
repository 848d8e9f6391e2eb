use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::identity::Permission as P;
use service::{keys::MANAGING, templates::SEEING};

use super::{Access, Gate, enter};
use crate::http::{actor::Authenticator, error::ApiError};

/// Every server function of the portal. One that is missing here is not served.
pub const SERVER_FUNCTIONS: &[(&str, Access)] = &[
    ("/fn/theme", Access::Public),
    ("/fn/density", Access::Public),
    ("/fn/time_zones", Access::Public),
    ("/fn/setup", Access::Public),
    ("/fn/sign_in", Access::Public),
    ("/fn/sign_out", Access::SignedIn),
    ("/fn/viewer", Access::SignedIn),
    ("/fn/find", Access::SignedIn),
    ("/fn/overview", Access::Needs(P::UsageRead)),
    ("/fn/usage_calls", Access::Needs(P::UsageRead)),
    ("/fn/usage_filters", Access::Needs(P::UsageRead)),
    ("/fn/usage_call", Access::Needs(P::UsageRead)),
    ("/fn/budgets_tree", Access::Needs(P::BudgetsRead)),
    ("/fn/budget_start", Access::Needs(P::BudgetsManage)),
    ("/fn/budget_create", Access::Needs(P::BudgetsManage)),
    ("/fn/budget_change", Access::Needs(P::BudgetsManage)),
    ("/fn/budget_delete", Access::Needs(P::BudgetsManage)),
    ("/fn/limits_tree", Access::Needs(P::LimitsRead)),
    ("/fn/limits_of_key", Access::Needs(P::LimitsRead)),
    ("/fn/limit_start", Access::Needs(P::LimitsManage)),
    ("/fn/limit_create", Access::Needs(P::LimitsManage)),
    ("/fn/limit_change", Access::Needs(P::LimitsManage)),
    ("/fn/limit_delete", Access::Needs(P::LimitsManage)),
    ("/fn/connections", Access::Needs(P::ConnectionsManage)),
    ("/fn/connection", Access::Needs(P::ConnectionsManage)),
    ("/fn/connect", Access::Needs(P::ConnectionsManage)),
    ("/fn/connection_test", Access::Needs(P::ConnectionsManage)),
    ("/fn/connection_enable", Access::Needs(P::ConnectionsManage)),
    ("/fn/connection_key", Access::Needs(P::ConnectionsManage)),
    ("/fn/connection_left", Access::Needs(P::ConnectionsManage)),
    ("/fn/model_price", Access::Needs(P::PricesManage)),
    ("/fn/keys_list", Access::Needs(P::KeysRead)),
    ("/fn/key_values", Access::Needs(P::KeysRead)),
    ("/fn/key_views", Access::Needs(P::KeysRead)),
    ("/fn/key_view_counts", Access::Needs(P::KeysRead)),
    ("/fn/key_view_save", Access::Needs(P::KeysRead)),
    ("/fn/key_view_change", Access::Needs(P::KeysRead)),
    ("/fn/keys_plan", Access::NeedsAny(MANAGING)),
    ("/fn/keys_bulk", Access::NeedsAny(MANAGING)),
    ("/fn/key_offer", Access::NeedsAny(MANAGING)),
    ("/fn/key", Access::Needs(P::KeysRead)),
    ("/fn/key_activity", Access::Needs(P::KeysRead)),
    ("/fn/key_trail", Access::Needs(P::KeysRead)),
    ("/fn/key_create", Access::NeedsAny(MANAGING)),
    ("/fn/key_start", Access::NeedsAny(MANAGING)),
    ("/fn/keys_many_start", Access::NeedsAny(MANAGING)),
    ("/fn/keys_many_plan", Access::NeedsAny(MANAGING)),
    ("/fn/keys_many_create", Access::NeedsAny(MANAGING)),
    ("/fn/key_edit", Access::NeedsAny(MANAGING)),
    ("/fn/key_change", Access::NeedsAny(MANAGING)),
    ("/fn/key_rotate", Access::NeedsAny(MANAGING)),
    ("/fn/key_rotation_end", Access::NeedsAny(MANAGING)),
    ("/fn/key_leaked", Access::NeedsAny(MANAGING)),
    ("/fn/key_status", Access::NeedsAny(MANAGING)),
    ("/fn/templates_list", Access::NeedsAny(SEEING)),
    ("/fn/template", Access::NeedsAny(SEEING)),
    ("/fn/template_start", Access::Needs(P::TemplatesManage)),
    ("/fn/template_create", Access::Needs(P::TemplatesManage)),
    ("/fn/template_change", Access::Needs(P::TemplatesManage)),
    ("/fn/template_move", Access::Needs(P::TemplatesManage)),
    ("/fn/template_apply", Access::Needs(P::TemplatesManage)),
    ("/fn/jobs_list", Access::Needs(P::JobsRead)),
    ("/fn/job", Access::Needs(P::JobsRead)),
    ("/fn/job_items", Access::Needs(P::JobsRead)),
    ("/fn/job_cancel", Access::NeedsAny(MANAGING)),
    ("/fn/job_retry", Access::NeedsAny(MANAGING)),
    ("/fn/job_undo", Access::NeedsAny(MANAGING)),
    ("/fn/tokens_list", Access::Needs(P::TokensManage)),
    ("/fn/token_start", Access::Needs(P::TokensManage)),
    ("/fn/token_create", Access::Needs(P::TokensManage)),
    ("/fn/token_revoke", Access::Needs(P::TokensManage)),
];

/// The portal's live streams.
pub const STREAMS: &[(&str, Access)] = &[("/live/usage", Access::Needs(P::UsageRead))];

/// The layer around the portal's server functions and streams: what is not listed is not found.
/// Those who pass are in the request's extensions, as an [`Actor`](service::Actor).
pub async fn guard_listed(State(authenticator): State<Authenticator>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    match SERVER_FUNCTIONS.iter().chain(STREAMS).find(|(listed, _)| *listed == path) {
        Some((_, access)) => enter(State(Gate { access: *access, authenticator }), request, next).await,
        None => ApiError::from(service::Error::not_found("page")).into_response(),
    }
}
