use std::net::SocketAddr;

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::network::IpRange;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::{ServeError, fail};
use crate::http::Peer;

/// Installs the recorder that `/metrics` prints.
pub(super) fn install() -> Result<PrometheusHandle, ServeError> {
    PrometheusBuilder::new().install_recorder().map_err(fail)
}

#[derive(Clone)]
struct Exposed {
    prometheus: PrometheusHandle,
    readers: Vec<IpRange>,
}

/// `GET /metrics`, for those addresses that the operator allows. It counts calls and errors of all
/// organizations, so it is not for everyone.
pub(super) fn router(prometheus: PrometheusHandle, readers: Vec<IpRange>) -> Router {
    Router::new().route("/metrics", get(render)).with_state(Exposed { prometheus, readers })
}

async fn render(State(exposed): State<Exposed>, request: Request) -> Response {
    let peer: Option<SocketAddr> = request.extensions().get::<Peer>().map(|p| p.0);
    match peer.is_some_and(|p| exposed.readers.iter().any(|range| range.contains(p.ip()))) {
        true => exposed.prometheus.render().into_response(),
        false => (StatusCode::FORBIDDEN, "Metrics are for the addresses in metrics_from.\n").into_response(),
    }
}
