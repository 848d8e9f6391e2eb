//! Reading models from providers that misbehave.

use std::time::Duration;

use integrations::openai_compatible::{ProbeError, list_models};
use integrations::upstream::guard::Refusal;
use integrations::upstream::{Policy, Upstream, UpstreamError};
use tokio::net::TcpListener;

use crate::peers::{Peer, local_upstream, start};

async fn probe(peer: Peer) -> ProbeError {
    let address = start(peer).await;
    let url = format!("http://{address}/v1").parse().unwrap();
    let error = list_models(&local_upstream(), &url, "sk-test").await.unwrap_err();
    assert!(!error.to_string().contains("SECRET"), "{error}");
    error
}

#[tokio::test]
async fn each_status_says_what_it_means() {
    for (head, expected) in [
        (&b"HTTP/1.1 401 X\r\ncontent-length: 6\r\n\r\nSECRET"[..], ProbeError::KeyRefused(401)),
        (b"HTTP/1.1 403 X\r\ncontent-length: 6\r\n\r\nSECRET", ProbeError::KeyRefused(403)),
        (b"HTTP/1.1 404 X\r\ncontent-length: 6\r\n\r\nSECRET", ProbeError::NotFound),
        (b"HTTP/1.1 429 X\r\ncontent-length: 6\r\n\r\nSECRET", ProbeError::RateLimited),
        (b"HTTP/1.1 301 X\r\nlocation: http://SECRET/\r\ncontent-length: 0\r\n\r\n", ProbeError::Redirected(301)),
        (b"HTTP/1.1 503 X\r\ncontent-length: 6\r\n\r\nSECRET", ProbeError::ProviderFault(503)),
        (b"HTTP/1.1 418 X\r\ncontent-length: 6\r\n\r\nSECRET", ProbeError::UnexpectedStatus(418)),
        (b"HTTP/1.1 200 X\r\ncontent-length: 6\r\n\r\nSECRET", ProbeError::NotJson),
        (b"HTTP/1.1 200 X\r\ncontent-length: 8\r\n\r\n\"SECRET\"", ProbeError::NotAList),
        (b"HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{\"data\":", ProbeError::CutOff),
        (b"SSH-2.0-OpenSSH_9 SECRET\r\n", ProbeError::Unreachable(UpstreamError::Other)),
        (b"", ProbeError::Unreachable(UpstreamError::Closed)),
    ] {
        assert_eq!(probe(Peer::Says(head)).await, expected);
    }
}

#[tokio::test]
async fn more_than_two_mebibytes_are_not_read() {
    let mut answer = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n".to_vec();
    answer.resize(3 * 1024 * 1024, b' ');
    assert_eq!(probe(Peer::Says(answer.leak())).await, ProbeError::TooLarge);
}

#[tokio::test]
async fn a_provider_that_never_answers_is_given_up_after_ten_seconds() {
    let address = start(Peer::Silent).await;
    let url = format!("http://{address}").parse().unwrap();
    let upstream = local_upstream();
    // The connection is made in real time; only the waiting is skipped.
    let probe = tokio::spawn(async move { list_models(&upstream, &url, "").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(10)).await;
    tokio::time::resume();
    assert_eq!(probe.await.unwrap(), Err(ProbeError::TimedOut));
}

#[tokio::test]
async fn the_guard_and_refused_connections_are_told_apart() {
    let upstream = Upstream::new(Policy::default(), Duration::from_secs(1));
    let url = "http://127.0.0.1:9/v1".parse().unwrap();
    let error = list_models(&upstream, &url, "").await.unwrap_err();
    let ProbeError::Unreachable(UpstreamError::Blocked { why, .. }) = &error else { panic!("{error:?}") };
    assert_eq!(*why, Refusal::Loopback);
    assert_eq!(
        error.to_string(),
        "The provider could not be reached: 127.0.0.1 may not be called: its address is this machine itself."
    );
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{unused}/v1").parse().unwrap();
    let error = list_models(&local_upstream(), &url, "").await.unwrap_err();
    assert_eq!(error, ProbeError::Unreachable(UpstreamError::Connect));
}
