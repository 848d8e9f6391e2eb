//! What server functions find around them: who asks, the use cases, the time. On the server only.

use domain::{Clock, RequestId, Timestamp};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use service::{Actor, RequestMeta, identity::Sessions};

use crate::{problem::Problem, ui::Moment};

/// A use case's handle, e.g. `handle::<service::keys::Keys>()?`.
pub(crate) fn handle<T: Clone + 'static>() -> Result<T, Problem> {
    use_context().ok_or_else(|| internal("a handle is missing from the context"))
}

/// The text of a form that a browser without WASM sent to a page, which answers it as a page.
#[derive(Debug, Clone)]
pub struct TypedForm(pub String);

/// The environment that an address asks for. Whatever else it says is none, and both are shown.
pub(crate) fn environment(word: Option<&str>) -> Option<domain::keys::Environment> {
    word.and_then(|word| word.parse().ok())
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

    /// The present.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// The zone in which the organization's days begin.
    pub(crate) fn zone(&self) -> &str {
        &self.zone
    }

    /// The day of an instant: `Dec 3, 2026`.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        at.in_zone(&self.zone).map_or_else(|| at.to_string(), |zoned| zoned.strftime("%b %-d, %Y").to_string())
    }

    /// An instant in words.
    pub(crate) fn moment(&self, at: Timestamp) -> Moment {
        Moment::new(at, self.now, &self.zone)
    }
}

/// Collects what is wrong with the answers of a form, so that all of it is said at once.
#[derive(Default)]
pub(crate) struct Wrong(Vec<(&'static str, String)>);

impl Wrong {
    /// The answer to `field`, if it is right.
    pub(crate) fn check<T>(&mut self, field: &'static str, answer: Result<T, domain::Invalid>) -> Option<T> {
        answer.map_err(|invalid| self.0.push((field, invalid.message.into_owned()))).ok()
    }

    /// The fields that were answered wrongly.
    #[cfg(test)]
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(field, _)| *field)
    }

    /// All that was wrong.
    pub(crate) fn problem(self) -> Problem {
        let message = match self.0.as_slice() {
            [(_, only)] => only.clone(),
            _ => "Some answers need another look.".to_owned(),
        };
        let problem: Problem = service::Error::new(domain::ErrorCode::InvalidRequest, message).into();
        self.0.into_iter().fold(problem, |problem, (field, words)| problem.with_field(field, words))
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
        answer(&error);
        let problem = Self { request_id, ..Self::new(error.code.as_str(), error.message.clone()) };
        match error.param {
            Some(field) => problem.with_field(field, error.message),
            None => problem,
        }
    }
}

/// Gives the answer the error's status, and says when to come back where that is known.
fn answer(error: &service::Error) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Some(wait) = error.retry_after {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    // A form that was sent without WASM is led back to its page, which says what was wrong.
    if is_plain_form() {
        return;
    }
    if let Ok(status) = StatusCode::from_u16(error.code.status()) {
        response.set_status(status);
    }
}

/// Whether the browser itself sent a form, and so shows whatever is answered as a page.
pub(crate) fn is_plain_form() -> bool {
    let Some(parts) = use_context::<Parts>() else { return false };
    let accepts = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    parts.method == Method::POST && accepts.is_some_and(|accept| accept.contains("text/html"))
}

impl From<domain::Invalid> for Problem {
    fn from(invalid: domain::Invalid) -> Self {
        service::Error::from(invalid).into()
    }
}
