//! The pooled HTTP client that calls providers, behind the SSRF guard.
//!
//! It is on the gateway's hot path: one pool, HTTP/1.1, nothing between the caller and hyper's
//! client but the guard, and the guard only when a connection is opened. Redirects are never
//! followed, since the guard's and the operator's choice was of the first address, not of where
//! it points to; proxies named by environment variables are not used, for the same reason.

mod connect;
mod error;
pub mod guard;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use connect::Connector;
pub use error::UpstreamError;
pub use guard::Policy;

/// How long an idle connection is kept: below what common servers allow (nginx 75 s, load
/// balancers 60 s), so that it is us who close it and no request meets a closing connection.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A client with a pool of connections. Cloning it shares the pool.
///
/// Connections live on the runtime that opened them, so a gateway with a runtime of its own makes
/// an `Upstream` of its own.
#[derive(Clone)]
pub struct Upstream {
    client: Client<Connector, Full<Bytes>>,
}

impl Upstream {
    /// A client that connects only where `policy` allows. `connect_timeout` covers resolving the
    /// name, connecting and the TLS handshake; how long an answer may take is the caller's business.
    #[must_use]
    pub fn new(policy: Policy, connect_timeout: Duration) -> Self {
        let connector = Connector::new(policy, connect_timeout);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .build(connector);
        Self { client }
    }

    /// Sends a request and returns the answer's head; its body streams as the caller polls it.
    /// The URI must be absolute. Any status is an answer, not an error.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, UpstreamError> {
        self.client.request(request).await.map_err(UpstreamError::from)
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Upstream").finish_non_exhaustive()
    }
}
