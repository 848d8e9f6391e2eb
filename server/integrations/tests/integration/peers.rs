//! Peers on a local socket that behave in one chosen way.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use integrations::upstream::{Policy, Upstream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a peer does with each connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    /// Reads some, then writes these bytes and closes.
    Says(&'static [u8]),
    /// Never says anything.
    Silent,
    /// Answers so many requests with `hi`, and with the number of the connection in `x-connection`,
    /// then closes without having said so.
    Answers(usize),
}

/// Starts a peer and says where it listens. It ends with the test's runtime.
pub(crate) async fn start(peer: Peer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for connection in 1.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                if let Peer::Answers(most) = peer {
                    return answer(stream, connection, most).await;
                }
                let _ = stream.read(&mut [0; 16 * 1024]).await;
                match peer {
                    Peer::Says(bytes) => drop(stream.write_all(bytes).await),
                    Peer::Silent | Peer::Answers(_) => std::future::pending().await,
                }
            });
        }
    });
    address
}

async fn answer(mut stream: TcpStream, connection: usize, most: usize) {
    let head = format!("HTTP/1.1 200 OK\r\nx-connection: {connection}\r\ncontent-length: 2\r\n\r\nhi");
    for _ in 0..most {
        // A request without a body comes in one piece.
        if stream.read(&mut [0; 16 * 1024]).await.unwrap_or(0) == 0 {
            return;
        }
        stream.write_all(head.as_bytes()).await.unwrap();
    }
}

/// A client that may call this machine.
pub(crate) fn local_upstream() -> Upstream {
    Upstream::new(Policy { private_allowed: true }, Duration::from_millis(500))
}

/// A plain GET.
pub(crate) fn get(uri: impl AsRef<str>) -> Request<Full<Bytes>> {
    Request::get(uri.as_ref()).body(Full::default()).unwrap()
}
