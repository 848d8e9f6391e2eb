use std::{pin::Pin, sync::Arc};

use axum::{Router, extract::State, routing::get};
use domain::{ErrorCode, WireError};
use serde::Serialize;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Json, access::Access};

type Check = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// Asks whether the process can work: the database is reachable, the gateway takes calls.
#[derive(Clone)]
pub struct Readiness(Arc<Check>);

impl Readiness {
    /// Takes what asks. Its error is a sentence for whoever watches over the process: it is public,
    /// so it names no address and no cause.
    pub fn new<F>(check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(check())))
    }

    async fn check(&self) -> Result<(), String> {
        (self.0)().await
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readiness")
    }
}

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Access::Public, routes!(healthz)).add(Access::Public, routes!(readyz))
}

/// The probes alone, of a process that serves no API.
pub fn probes(readiness: Readiness) -> Router {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).with_state(readiness)
}

/// How the process is.
#[derive(Serialize, utoipa::ToSchema)]
struct Health {
    /// `ok`
    status: &'static str,
}

/// Tells that the process lives
#[utoipa::path(get, path = "/healthz", tag = "Health", operation_id = "healthz",
    responses((status = 200, description = "It lives.", body = Health)))]
async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Tells whether the process can work
///
/// It reaches its database, and its gateway takes calls.
#[utoipa::path(get, path = "/readyz", tag = "Health", operation_id = "readyz", responses(
    (status = 200, description = "It can.", body = Health),
    (status = 503, description = "It can't, for now.", body = WireError)))]
async fn readyz(State(readiness): State<Readiness>) -> Result<Json<Health>, ApiError> {
    let unready = |sentence| service::Error::new(ErrorCode::Unavailable, sentence);
    readiness.check().await.map_err(unready)?;
    Ok(Json(Health { status: "ok" }))
}
