//! The pooled client against real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::BodyExt;
use integrations::upstream::guard::Refusal;
use integrations::upstream::{Policy, Upstream, UpstreamError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::peers::{Peer, get, local_upstream, start};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi";

#[tokio::test]
async fn an_answer_comes_back_with_its_body() {
    let address = start(Peer::Says(OK)).await;
    let response = local_upstream().send(get(format!("http://{address}/"))).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hi");
}

/// Calls and reads the answer; says over which of the peer's connections it came.
async fn call(upstream: &Upstream, address: SocketAddr) -> String {
    let response = upstream.send(get(format!("http://{address}/a?b=c"))).await.unwrap();
    let connection = response.headers()["x-connection"].to_str().unwrap().to_owned();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hi");
    connection
}

#[tokio::test]
async fn a_connection_is_used_again_once_its_answer_was_read() {
    let (address, upstream) = (start(Peer::Answers(10)).await, local_upstream());
    for _ in 0..3 {
        assert_eq!(call(&upstream, address).await, "1");
    }
    let unread = upstream.send(get(format!("http://{address}/"))).await.unwrap();
    assert_eq!(unread.headers()["x-connection"], "1");
    assert_eq!(call(&upstream, address).await, "2", "the first is still in use");
    drop(unread);
    assert_eq!(call(&upstream, address).await, "2", "what was not read to its end is closed");
}

#[tokio::test]
async fn a_connection_that_the_peer_has_closed_is_not_used_again() {
    let (address, upstream) = (start(Peer::Answers(1)).await, local_upstream());
    for n in 1..=5 {
        assert_eq!(call(&upstream, address).await, n.to_string());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_dropped_is_no_longer_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let upstream = local_upstream();
    let call = tokio::spawn(async move { upstream.send(get(format!("http://{address}/"))).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 1024];
    let length = stream.read(&mut request).await.unwrap();
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    assert!(
        request.starts_with("GET / HTTP/1.1\r\n") && request.contains(&format!("host: {address}\r\n")),
        "{request}"
    );
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhi").await.unwrap();
    drop(call.await.unwrap().unwrap());
    let closed = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0; 16])).await.unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let address =
        start(Peer::Says(b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"))
            .await;
    let response = local_upstream().send(get(format!("http://{address}/"))).await.unwrap();
    assert_eq!(response.status(), 302);
}

/// The peer listens, so only the guard can be what stops the call; each spelling of the address
/// takes another way through parsing and resolving.
#[tokio::test]
async fn no_spelling_of_a_private_address_passes_the_guard() {
    let port = start(Peer::Says(OK)).await.port();
    let upstream = Upstream::new(Policy::default(), Duration::from_secs(5));
    for host in
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]"]
    {
        let error = upstream.send(get(format!("http://{host}:{port}/"))).await.unwrap_err();
        let UpstreamError::Blocked { host: named, why } = &error else { panic!("{host}: {error:?}") };
        assert_eq!((&**named, *why), (host, Refusal::Loopback));
        assert!(error.is_before_sending());
    }
}

#[tokio::test]
async fn metadata_services_are_out_of_reach_even_with_private_addresses_allowed() {
    for host in ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:a9fe:a9fe]"] {
        let error = local_upstream().send(get(format!("http://{host}/latest/"))).await.unwrap_err();
        assert!(matches!(error, UpstreamError::Blocked { why: Refusal::Metadata, .. }), "{host}: {error:?}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_told_from_a_name_that_does_not_resolve() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = local_upstream().send(get(format!("http://{unused}/"))).await.unwrap_err();
    assert_eq!(error, UpstreamError::Connect);
    let upstream = Upstream::new(Policy::default(), Duration::from_secs(20));
    let error = upstream.send(get("http://no-such-host.invalid/")).await.unwrap_err();
    assert_eq!(error, UpstreamError::Dns);
}

#[tokio::test]
async fn a_failed_handshake_is_a_tls_error_and_a_silent_one_a_timeout() {
    let address = start(Peer::Says(OK)).await;
    let error = local_upstream().send(get(format!("https://{address}/"))).await.unwrap_err();
    assert_eq!(error, UpstreamError::Tls);
    let address = start(Peer::Silent).await;
    let error = local_upstream().send(get(format!("https://{address}/"))).await.unwrap_err();
    assert_eq!(error, UpstreamError::Timeout);
}

#[tokio::test]
async fn a_connection_closed_early_is_told_from_an_answer_that_is_not_http() {
    for (bytes, expected) in [
        (&b""[..], UpstreamError::Closed),
        (b"HTTP/1.1 200 OK\r\ncontent-", UpstreamError::Closed),
        (b"220 mail.example.com ESMTP\r\n\r\n", UpstreamError::Other),
    ] {
        let address = start(Peer::Says(bytes)).await;
        let error = local_upstream().send(get(format!("http://{address}/"))).await.unwrap_err();
        assert_eq!(error, expected);
        assert!(!error.is_before_sending());
    }
}
