//! What server functions find around them: who asks, the use cases, the time. On the server only.

use domain::{Clock, RequestId, Timestamp};
use http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use service::{Actor, RequestMeta, identity::Sessions};

use crate::{problem::Problem, ui::Moment};

/// A use case's handle, e.g. `handle::<service::keys::Keys>()?`.
pub(crate) fn handle<T: Clone + 'static>() -> Result<T, Problem> {
    use_context().ok_or_else(|| internal("a handle is missing from the context"))
}

/// Who asks.
pub(crate) fn actor() -> Result<Actor, Problem> {
    let parts: Parts = handle()?;
    let nobody = || service::Error::new(domain::ErrorCode::Unauthenticated, "You are signed out. Sign in again.");
    parts.extensions.get::<Actor>().cloned().ok_or_else(|| nobody().into())
}

/// By which request.
pub(crate) fn meta() -> Result<RequestMeta, Problem> {
    let parts: Parts = handle()?;
    parts.extensions.get().cloned().ok_or_else(|| internal("the request has no identity"))
}

/// Writes times as the organization's people read them.
pub(crate) struct Calendar {
    now: Timestamp,
    zone: String,
}

impl Calendar {
    /// The calendar of the actor's organization.
    pub(crate) async fn of(actor: &Actor) -> Result<Self, Problem> {
        let (clock, sessions) = (handle::<Clock>()?, handle::<Sessions>()?);
        Ok(Self { now: clock.now(), zone: sessions.time_zone(actor).await? })
    }

    /// An instant in words.
    pub(crate) fn moment(&self, at: Timestamp) -> Moment {
        Moment::new(at, self.now, &self.zone)
    }
}

fn internal(what: &'static str) -> Problem {
    service::Error::internal(what).into()
}

/// The request's id, where there is a request.
fn request_id() -> Option<RequestId> {
    use_context::<Parts>()?.extensions.get::<RequestMeta>().map(|meta| meta.request_id)
}

/// The cause goes to the log and the status to the answer; only the words go to the page.
impl From<service::Error> for Problem {
    fn from(error: service::Error) -> Self {
        let request_id = request_id().map(|id| id.to_string());
        if error.code.status() >= 500 {
            tracing::error!(request_id, source = ?error.source, "a page could not do what it was asked");
        }
        if let (Some(response), Ok(status)) =
            (use_context::<ResponseOptions>(), StatusCode::from_u16(error.code.status()))
        {
            response.set_status(status);
        }
        let problem = Self { request_id, ..Self::new(error.code.as_str(), error.message.clone()) };
        match error.param {
            Some(field) => problem.with_field(field, error.message),
            None => problem,
        }
    }
}

impl From<domain::Invalid> for Problem {
    fn from(invalid: domain::Invalid) -> Self {
        service::Error::from(invalid).into()
    }
}
