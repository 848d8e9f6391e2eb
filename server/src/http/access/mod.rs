//! Who may call what. Every route and server function has an [`Access`]; `docs/permissions.md` is
//! the list of all, and a test holds it to what is served.

mod listed;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::identity::Permission;
use service::{Actor, RequestMeta, Result};

use super::{
    actor::{Authenticator, unauthenticated},
    error::ApiError,
};

pub use listed::{SERVER_FUNCTIONS, STREAMS, guard_listed};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Anyone who is signed in or sends a token.
    SignedIn,
    /// Those with this permission.
    Needs(Permission),
    /// Those with at least one of these; which one is enough for what, the use case decides.
    NeedsAny(&'static [Permission]),
}

impl Access {
    /// The permissions of which one is needed; none where none is.
    pub fn permissions(self) -> Vec<Permission> {
        match self {
            Self::Public | Self::SignedIn => Vec::new(),
            Self::Needs(one) => vec![one],
            Self::NeedsAny(several) => several.to_vec(),
        }
    }

    /// Refuses whoever may not.
    ///
    /// # Errors
    /// Unauthenticated when nobody asks, forbidden when somebody else would have to.
    pub fn check(self, actor: Option<&Actor>) -> Result<()> {
        match (self, actor) {
            (Self::Public, _) => Ok(()),
            (_, None) => Err(unauthenticated()),
            (Self::SignedIn, Some(_)) => Ok(()),
            (Self::Needs(permission), Some(actor)) => actor.require(permission),
            (Self::NeedsAny(permissions), Some(actor)) => actor.require_any(permissions),
        }
    }
}

/// For people: `public`, `signed in`, or the permissions.
impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::SignedIn => f.write_str("signed in"),
            _ => {
                let names: Vec<&str> = self.permissions().iter().map(|p| p.as_str()).collect();
                f.write_str(&names.join(" or "))
            }
        }
    }
}

/// What a route's gate works with.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Who may pass.
    pub access: Access,
    /// Knows who asks.
    pub authenticator: Authenticator,
}

impl Gate {
    /// Lets a request pass with its actor, or says why not.
    async fn admit(&self, request: &mut Request) -> Result<()> {
        if self.access == Access::Public {
            return Ok(());
        }
        let meta = request.extensions().get::<RequestMeta>().cloned();
        let meta = meta.ok_or_else(|| service::Error::internal("a route stands outside of http::around"))?;
        let actor = self.authenticator.actor(request.headers(), &meta).await?;
        self.access.check(actor.as_ref())?;
        if let Some(actor) = actor {
            request.extensions_mut().insert(actor);
        }
        Ok(())
    }
}

/// The layer of one route.
pub async fn enter(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    match gate.admit(&mut request).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => ApiError::from(refusal).into_response(),
    }
}
