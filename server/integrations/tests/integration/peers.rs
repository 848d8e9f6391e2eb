//! Peers on a local socket that behave in one chosen way.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use integrations::upstream::{Policy, Upstream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What a peer does with each connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    /// Reads some, then writes these bytes and closes.
    Says(&'static [u8]),
    /// Never says anything.
    Silent,
}

/// Starts a peer and says where it listens. It ends with the test's runtime.
pub(crate) async fn start(peer: Peer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 16 * 1024]).await;
                match peer {
                    Peer::Says(bytes) => drop(stream.write_all(bytes).await),
                    Peer::Silent => std::future::pending().await,
                }
            });
        }
    });
    address
}

/// A client that may call this machine.
pub(crate) fn local_upstream() -> Upstream {
    Upstream::new(Policy { private_allowed: true }, Duration::from_millis(500))
}

/// A plain GET.
pub(crate) fn get(uri: impl AsRef<str>) -> Request<Full<Bytes>> {
    Request::get(uri.as_ref()).body(Full::default()).unwrap()
}
