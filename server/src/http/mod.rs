//! What every request and answer of ours has in common, portal and management API alike: who asks,
//! from where, whether they may, and how a refusal looks.
//!
//! [`around`] is put around the whole router. [`access`] decides who may do what; what it does not
//! list is not reachable.

pub mod access;
mod actor;
mod csrf;
mod error;
mod extract;
mod headers;
mod meta;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};

pub use actor::{Authenticated, Authenticator};
/// The session's cookie; the portal makes it, because signing in is one of its server functions.
pub use app::session_cookie as cookie;
pub use csrf::Csrf;
pub use error::{ApiError, written};
pub use extract::{BODY_LIMIT, Created, Json, Path, Query, body};
pub(crate) use meta::caught;
pub use meta::{Frame, Meta, Peer};

/// What [`around`] works with.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Who asks and by which request.
    pub frame: Frame,
    /// Which sites are ours.
    pub csrf: Csrf,
}

/// Puts around a router what belongs around every one of our routes: the request's identity, its
/// line in the log, the error envelope, security headers, and the refusal of other sites' requests.
///
/// Compression goes outside of it, because envelopes are written here.
pub fn around(router: Router, surroundings: Surroundings) -> Router {
    router
        .layer(from_fn_with_state(surroundings.csrf, csrf::guard))
        .layer(from_fn(headers::secure))
        .layer(from_fn_with_state(surroundings.frame, meta::frame))
}

/// The answer where there is no route.
pub async fn no_route() -> ApiError {
    service::Error::not_found("page").into()
}

/// The answer where there is a route, but for other methods.
pub async fn no_method() -> ApiError {
    let message = "The path exists, but not with this method. The header Allow says with which.";
    service::Error::new(domain::ErrorCode::MethodNotAllowed, message).into()
}
