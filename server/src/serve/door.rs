//! The door: accepts connections and sends each request to the gateway or to the portal.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use ::http::{Request, Response};
use axum::Router;
use bytes::Bytes;
use gateway::Gateway;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
};
use tower::ServiceExt;

use crate::http::Peer;

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait before accepting again when the system has no more file descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// What is behind the door.
pub(super) struct Door {
    /// None where calls are another node's.
    pub(super) gateway: Option<Gateway>,
    pub(super) portal: Router,
    pub(super) portal_runtime: runtime::Handle,
}

/// One of the gateway's runtimes, with a door whose gateway is for it.
pub(super) struct Desk {
    pub(super) runtime: runtime::Handle,
    pub(super) door: Arc<Door>,
}

/// Serves connections until `stop`, giving each to the next desk in turn, then lets those that are
/// open end within `drain`.
///
/// A portal request is carried out on the portal's runtime, so that rendering takes no turn from a
/// call.
pub(super) async fn serve(desks: Vec<Desk>, listener: TcpListener, stop: impl Future<Output = ()>, drain: Duration) {
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    for desk in desks.iter().cycle() {
        let accepted = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        desk.runtime.spawn(attend(desk.door.clone(), accepted.0, accepted.1, graceful.watcher()));
    }
    drop(listener);
    tracing::info!("stopping: waiting for open calls to end");
    if tokio::time::timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some calls did not end in time and are cut off");
    }
}

/// The next connection, free of the runtime it was accepted on.
async fn accept(listener: &TcpListener) -> (std::net::TcpStream, SocketAddr) {
    loop {
        let accepted = listener.accept().await;
        match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
            Ok(accepted) => return accepted,
            Err(error) => pause_after(&error).await,
        }
    }
}

async fn pause_after(error: &io::Error) {
    // A client that is gone before it is accepted is its own affair; anything else may be want of
    // file descriptors, which needs a moment.
    if error.kind() != io::ErrorKind::ConnectionAborted {
        tracing::warn!(%error, "could not accept a connection");
        tokio::time::sleep(BREATH).await;
    }
}

async fn attend(door: Arc<Door>, stream: std::net::TcpStream, peer: SocketAddr, watcher: Watcher) {
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => return tracing::warn!(%error, "a connection could not be taken"),
    };
    // Without it a small answer may wait for the client's acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| {
        let door = door.clone();
        async move { Ok::<_, Infallible>(door.answer(peer, request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    // How a connection ends is the client's affair: calls are accounted for where they are made.
    drop(watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await);
}

impl Door {
    async fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
        if let Some(gateway) = self.gateway.as_ref().filter(|_| Gateway::owns(request.uri().path())) {
            return gateway.handle(peer, request).await.map(Body::Gateway);
        }
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(Peer(peer));
        let work = self.portal_runtime.spawn(self.portal.clone().oneshot(request));
        match work.await {
            Ok(Ok(response)) => response.map(Body::Portal),
            Ok(Err(never)) => match never {},
            Err(error) => {
                tracing::error!(%error, "a request of the portal panicked");
                let mut response = Response::new(Body::Portal(axum::body::Body::empty()));
                *response.status_mut() = ::http::StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }
}

/// The body of either.
pub(super) enum Body {
    Gateway(gateway::Body),
    Portal(axum::body::Body),
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Gateway(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Portal(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Gateway(body) => body.is_end_stream(),
            Self::Portal(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Gateway(body) => body.size_hint(),
            Self::Portal(body) => body.size_hint(),
        }
    }
}
