use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::{Failure, fail, say};
use crate::serve::stop_signal;

pub(super) async fn run(listen: SocketAddr) -> Result<(), Failure> {
    let refused = |e| fail(format!("Can't listen on {listen}: {e}. Choose another address with --listen."));
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(fail)?;
    say(format!("The Sandbox answers at http://{address}/v1"));
    integrations::sandbox::serve(listener, stop_signal()).await;
    Ok(())
}
