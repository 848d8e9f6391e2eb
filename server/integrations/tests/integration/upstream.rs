//! The pooled client against real sockets.

use std::time::Duration;

use http_body_util::BodyExt;
use integrations::upstream::guard::Refusal;
use integrations::upstream::{Policy, Upstream, UpstreamError};
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
