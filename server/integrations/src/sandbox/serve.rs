//! The Sandbox over HTTP.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use super::respond;

/// How long answers under way may take to end once the server is told to stop. Bounded, because
/// an answer that hangs on purpose never ends.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves the Sandbox over HTTP/1.1 until `shutdown` completes and answers under way have ended.
pub async fn serve(listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, mostly: some will be free again in a moment.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Without it, small events wait for acknowledgements. A failure costs only speed.
        let _ = stream.set_nodelay(true);
        let service = service_fn(async |request| Ok::<_, Infallible>(respond(request).await));
        let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the Sandbox ended early");
            }
        });
    }
    if timeout(DRAIN, connections.shutdown()).await.is_err() {
        tracing::debug!("the Sandbox stopped with answers still under way");
    }
}
