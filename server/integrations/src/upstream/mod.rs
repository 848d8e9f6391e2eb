//! The pooled HTTP client that calls providers, behind the SSRF guard.
//!
//! It is on the gateway's hot path: one pool, HTTP/1.1, nothing between the caller and hyper's
//! connection but the guard, and the guard only when a connection is opened. Redirects are never
//! followed, since the guard's and the operator's choice was of the first address, not of where
//! it points to; proxies named by environment variables are not used, for the same reason.

mod connect;
mod error;
pub mod guard;
mod pool;

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::Full;
use tower::Service;

use connect::Connector;
pub use error::UpstreamError;
pub use guard::Policy;
pub use pool::Body;
use pool::{Link, Origin, Pool};

/// A client with a pool of connections. Cloning it shares the pool.
///
/// Connections live on the runtime that opened them, so each runtime makes an `Upstream` of its own.
#[derive(Clone)]
pub struct Upstream {
    connector: Connector,
    pool: Pool,
}

impl Upstream {
    /// A client that connects only where `policy` allows. `connect_timeout` covers resolving the
    /// name, connecting and the TLS handshake; how long an answer may take is the caller's business.
    #[must_use]
    pub fn new(policy: Policy, connect_timeout: Duration) -> Self {
        Self { connector: Connector::new(policy, connect_timeout), pool: Pool::default() }
    }

    /// Sends a request and returns the answer's head; its body streams as the caller polls it.
    /// The URI must be absolute. Any status is an answer, not an error.
    pub async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Body>, UpstreamError> {
        let uri = std::mem::take(request.uri_mut());
        let origin = prepare(&mut request, &uri).ok_or(UpstreamError::Other)?;
        loop {
            let idle = poll_fn(|context| Poll::Ready(self.pool.take(&origin, context))).await;
            let was_kept = idle.is_some();
            let mut link = match idle {
                Some(link) => link,
                None => Link::new(self.connector.clone().call(uri.clone()).await?).await?,
            };
            match link.send(request).await {
                Ok(response) => {
                    return Ok(response.map(|incoming| Body::new(incoming, link, origin, self.pool.clone())));
                }
                // The upstream closed a kept connection before anything was sent over it.
                Err(mut unsent) if was_kept && unsent.message().is_some() => match unsent.take_message() {
                    Some(again) => request = again,
                    None => return Err(unsent.into_error().into()),
                },
                Err(error) => return Err(error.into_error().into()),
            }
        }
    }
}

/// Gives the request the form it is sent in: the path in its first line, the host in a header.
fn prepare(request: &mut Request<Full<Bytes>>, uri: &Uri) -> Option<Origin> {
    let authority = uri.authority()?.clone();
    let is_secure = uri.scheme() == Some(&Scheme::HTTPS);
    let host = HeaderValue::from_str(host(&authority, is_secure)).ok()?;
    request.headers_mut().entry(header::HOST).or_insert(host);
    let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    Some(Origin { is_secure, authority })
}

/// The host with its port, unless that is the one that goes without saying.
fn host(authority: &Authority, is_secure: bool) -> &str {
    let whole = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let usual = if is_secure { ":443" } else { ":80" };
    whole.strip_suffix(usual).unwrap_or(whole)
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Upstream").finish_non_exhaustive()
    }
}
