use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt};

use super::{ApiState, describe, idempotency};
use crate::http::{
    ApiError, Authenticator,
    access::{Access, Gate, enter},
};

/// A route and who may call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The method.
    pub method: &'static str,
    /// The path, with `{id}` where an id stands.
    pub path: String,
    /// Who may call it.
    pub access: Access,
}

/// Collects routes. There is no way to add one without saying who may call it.
pub(super) struct Routes {
    router: OpenApiRouter<ApiState>,
    listed: Vec<Listed>,
    authenticator: Authenticator,
    once: idempotency::Once,
}

impl Routes {
    pub(super) fn new(state: &ApiState) -> Self {
        Self {
            router: OpenApiRouter::with_openapi(describe::base()),
            listed: Vec::new(),
            authenticator: state.authenticator(),
            once: idempotency::Once { replays: state.replays.clone(), clock: state.clock.clone() },
        }
    }

    /// Adds one handler, as `routes!(handler)` describes it.
    ///
    /// From the outside in, a request passes: who asks and whether they may, its query's names, its
    /// `Idempotency-Key` when it is a POST, the handler.
    pub(super) fn add(mut self, access: Access, (schemas, mut paths, handler): UtoipaMethodRouter<ApiState>) -> Self {
        let (mut post, mut query) = (false, Vec::new());
        for (path, item) in &mut paths.paths {
            for (method, operation) in describe::operations(item) {
                post |= method == "POST";
                query = describe::query_names(operation);
                describe::complete(operation, method, path, access);
                self.listed.push(Listed { method, path: path.clone(), access });
            }
        }
        let gate = Gate { access, authenticator: self.authenticator.clone() };
        let route: UtoipaMethodRouter<ApiState> = (schemas, paths, handler);
        let route = if post {
            let once = self.once.clone();
            route.map(|r| r.route_layer(from_fn_with_state(once, idempotency::once)))
        } else {
            route
        };
        let route = route.map(|r| r.route_layer(from_fn_with_state(Arc::from(query), known_names)));
        self.router = self.router.routes(route.map(|r| r.route_layer(from_fn_with_state(gate, enter))));
        self
    }

    pub(super) fn finish(self) -> (Router<ApiState>, OpenApi, Vec<Listed>) {
        let (router, openapi) = self.router.split_for_parts();
        (router, openapi, self.listed)
    }
}

/// Refuses a name in the query that the route does not know: a filter that is misspelt must not
/// look like one that matches everything.
async fn known_names(State(known): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or("");
    let mut names = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or(pair));
    match names.find(|name| known.iter().all(|k| k != name)) {
        None => next.run(request).await,
        Some(name) => {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let name: String = name.chars().take(60).collect();
            ApiError::invalid(Some(name), format!("There is no such parameter. This takes: {known}.")).into_response()
        }
    }
}
