//! Why no answer came.

use std::error::Error;

use super::guard::Refusal;

/// Why no answer came, in sentences that may be shown: they name the host at most, and never hold
/// anything that was sent or received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Every address of the host is one that must not be called.
    #[error("{host} may not be called: {why}")]
    Blocked {
        /// The host as it was given.
        host: Box<str>,
        /// What its address is.
        why: Refusal,
    },
    /// The host's name has no address.
    #[error("the host name could not be resolved")]
    Dns,
    /// No connection was made.
    #[error("the connection was refused or the host could not be reached")]
    Connect,
    /// The connection was made, and then no secure channel over it.
    #[error("no secure connection could be made: the certificate or the TLS handshake failed")]
    Tls,
    /// The connection, TLS included, was not ready in time.
    #[error("connecting took too long")]
    Timeout,
    /// The connection ended before the answer's head had come.
    #[error("the connection was closed before an answer came")]
    Closed,
    /// What came was not HTTP, or the request could not be sent as it is.
    #[error("no valid HTTP answer came")]
    Other,
}

impl UpstreamError {
    /// Whether it is certain that the request was never sent, so that sending it again cannot
    /// make anything happen twice.
    #[must_use]
    pub fn is_before_sending(&self) -> bool {
        match self {
            Self::Blocked { .. } | Self::Dns | Self::Connect | Self::Tls | Self::Timeout => true,
            Self::Closed | Self::Other => false,
        }
    }
}

impl From<hyper::Error> for UpstreamError {
    fn from(error: hyper::Error) -> Self {
        if closed(&error) { Self::Closed } else { Self::Other }
    }
}

/// Whether the peer (or the network) ended the connection, in any of the ways hyper tells of it.
fn closed(error: &hyper::Error) -> bool {
    let reset = error.source().is_some_and(|source| source.is::<std::io::Error>());
    error.is_incomplete_message() || error.is_canceled() || error.is_closed() || reset
}
