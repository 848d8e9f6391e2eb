use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::identity::Permission as P;

use super::{Access, Gate, enter};
use crate::http::{actor::Authenticator, error::ApiError};

/// Every server function of the portal. One that is missing here is not served.
pub const SERVER_FUNCTIONS: &[(&str, Access)] = &[("/fn/theme", Access::Public), ("/fn/density", Access::Public)];

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
