//! Opening a connection: resolve, ask the guard about every address, connect, secure.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tower::Service;

use super::error::UpstreamError;
use super::guard::{Policy, Refusal};

type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, UpstreamError>> + Send>>;
type Tcp = TokioIo<TcpStream>;
/// What requests and answers go over.
pub(super) type Stream = MaybeHttpsStream<Tcp>;

/// What hyper's client opens connections with.
#[derive(Clone)]
pub(super) struct Connector {
    https: HttpsConnector<GuardedTcp>,
    connect_timeout: Duration,
}

impl Connector {
    /// A connector with ring for cryptography and Mozilla's roots.
    #[expect(clippy::expect_used, reason = "at start-up, and false only if ring lost TLS 1.2 and 1.3")]
    pub(super) fn new(policy: Policy, connect_timeout: Duration) -> Self {
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(Arc::new(rustls::crypto::ring::default_provider()))
            .expect("ring supports the default versions of TLS")
            .https_or_http()
            .enable_http1()
            .wrap_connector(GuardedTcp { policy, connect_timeout });
        Self { https, connect_timeout }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = UpstreamError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), UpstreamError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.https.call(uri);
        let limit = self.connect_timeout;
        Box::pin(async move {
            match timeout(limit, connecting).await {
                Ok(Ok(stream)) => Ok(stream),
                // TCP's errors are ours already; whatever else fails here is the handshake.
                Ok(Err(error)) => Err(error.downcast().map_or(UpstreamError::Tls, |error| *error)),
                Err(_) => Err(UpstreamError::Timeout),
            }
        })
    }
}

/// Connects only to addresses that the policy allows.
///
/// The guard judges the very addresses that are then connected to. A name that was looked at
/// earlier proves nothing, as it may resolve to something else by now (DNS rebinding).
#[derive(Clone)]
struct GuardedTcp {
    policy: Policy,
    connect_timeout: Duration,
}

impl Service<Uri> for GuardedTcp {
    type Response = Tcp;
    type Error = UpstreamError;
    type Future = BoxFuture<Tcp>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), UpstreamError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { policy, connect_timeout } = *self;
        Box::pin(async move {
            let deadline = Instant::now() + connect_timeout;
            let host = uri.host().unwrap_or_default();
            let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
            let allowed = allowed_addresses(policy, host, port).await?;
            connect_to_any(&allowed, deadline).await
        })
    }
}

/// The addresses of `host` that may be connected to: never an empty list.
async fn allowed_addresses(policy: Policy, host: &str, port: u16) -> Result<Vec<SocketAddr>, UpstreamError> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let found = match bare.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        // Odd spellings of addresses (`127.1`, `2130706433`) are understood by the resolver, so
        // they pass the guard as the addresses that they are.
        Err(_) => lookup_host((bare, port)).await.map_err(|_| UpstreamError::Dns)?.collect(),
    };
    let mut refusal: Option<Refusal> = None;
    let mut allowed = Vec::with_capacity(found.len());
    for address in found {
        match policy.check(address.ip()) {
            Ok(()) => allowed.push(address),
            Err(why) => refusal = Some(why),
        }
    }
    match refusal {
        _ if !allowed.is_empty() => Ok(allowed),
        Some(why) => Err(UpstreamError::Blocked { host: host.into(), why }),
        None => Err(UpstreamError::Dns),
    }
}

/// Tries the addresses in the resolver's order, giving each an equal share of the time left, so
/// that one that swallows packets does not hide the next.
async fn connect_to_any(addresses: &[SocketAddr], deadline: Instant) -> Result<Tcp, UpstreamError> {
    let mut failure = UpstreamError::Connect;
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it, small writes wait for acknowledgements. A failure costs only speed.
                let _ = stream.set_nodelay(true);
                return Ok(TokioIo::new(stream));
            }
            Ok(Err(_)) => failure = UpstreamError::Connect,
            Err(_) => failure = UpstreamError::Timeout,
        }
    }
    Err(failure)
}
