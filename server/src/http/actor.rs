use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use domain::ErrorCode;
use service::{
    Actor, Error, RequestMeta, Result,
    identity::{Sessions, Tokens},
};

use super::{cookie, error::ApiError};

/// Knows who asks.
#[derive(Debug, Clone)]
pub struct Authenticator {
    sessions: Sessions,
    tokens: Tokens,
}

impl Authenticator {
    /// Takes the handles that know cookies and tokens.
    pub fn new(sessions: Sessions, tokens: Tokens) -> Self {
        Self { sessions, tokens }
    }

    /// Who asks: the maker of the management token, or whoever's session the cookie is. A token
    /// that is refused is refused, whatever cookie stands beside it.
    ///
    /// # Errors
    /// When there is a token and it is not in force.
    pub async fn actor(&self, headers: &HeaderMap, meta: &RequestMeta) -> Result<Option<Actor>> {
        if let Some(token) = bearer(headers) {
            return self.tokens.authenticate(token, meta.clone()).await.map(Some);
        }
        match cookie::session(headers) {
            Some(session) => self.sessions.authenticate(session, meta.clone()).await,
            None => Ok(None),
        }
    }
}

/// What stands behind `Bearer`. Other schemes belong to proxies in front, so they say nothing.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The refusal of a request that does not say who asks.
pub(super) fn unauthenticated() -> Error {
    Error::new(ErrorCode::Unauthenticated, "Sign in, or send a management token as `Authorization: Bearer tpm_…`.")
}

/// Who asks, for handlers behind an [`access`](super::access) that is not public.
#[derive(Debug, Clone)]
pub struct Authenticated(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, ApiError> {
        parts.extensions.get::<Actor>().cloned().map(Self).ok_or_else(|| unauthenticated().into())
    }
}
