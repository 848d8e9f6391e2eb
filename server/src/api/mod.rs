//! The management API under `/api/v1`, the probes, and the API's description.
//!
//! A room's file holds its handlers, of a few lines each: parse, one call of a use case, answer.
//! [`Routes`] registers them with who may call them, which it enforces and describes.

mod budgets;
mod connections;
mod describe;
mod health;
mod idempotency;
mod jobs;
mod keys;
mod keys_export;
mod limits;
mod models;
mod reference;
mod routes;
mod state;
mod templates;
mod tokens;
mod usage;
mod views;

use axum::{Router, routing::any};
use utoipa::openapi::OpenApi;

pub use health::{Readiness, probes};
pub(crate) use keys_export::{COLUMNS as KEY_COLUMNS, cells as key_cells};
pub use routes::Listed;
pub use state::ApiState;

use crate::http::{no_method, no_route};
use routes::Routes;

/// The API's router, to be put inside [`http::around`](crate::http::around), and its description.
pub fn router(state: ApiState) -> (Router, OpenApi) {
    let (router, openapi, _) = registered(&state).finish();
    let description = reference::router(&openapi);
    // Below /api nothing is the portal's: an unknown path is answered as the API answers.
    let router = ["/api", "/api/", "/api/{*rest}"].into_iter().fold(router, |r, path| r.route(path, any(no_route)));
    (router.method_not_allowed_fallback(no_method).with_state(state).merge(description), openapi)
}

/// Every route with who may call it, in the order of their paths.
pub fn listing(state: &ApiState) -> Vec<Listed> {
    let (_, _, mut listed) = registered(state).finish();
    listed.extend(reference::LISTED.iter().map(|(method, path, access)| Listed {
        method,
        path: (*path).to_owned(),
        access: *access,
    }));
    listed.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
    listed
}

fn registered(state: &ApiState) -> Routes {
    let rooms = [
        keys::routes,
        keys_export::routes,
        budgets::routes,
        limits::routes,
        connections::routes,
        models::routes,
        jobs::routes,
        templates::routes,
        tokens::routes,
        usage::routes,
        views::routes,
        health::routes,
    ];
    rooms.into_iter().fold(Routes::new(state), |routes, room| room(routes))
}
