use std::io::Write;

use tokio::net::TcpListener;

use super::{Handles, ServeError, fail};
use crate::config::Config;

/// Tells the person at the terminal where to go, and with which code while nobody has set up.
pub(super) async fn announce(config: &Config, listener: &TcpListener, handles: &Handles) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(fail)?;
    let url = if config.listen.port() == 0 { format!("http://{address}") } else { config.public_url() };
    let mut text = format!("\n  Turnpike is at {url}\n");
    if handles.setup.is_open().await.map_err(fail)? {
        text.push_str(&format!("  Setup code:    {}\n", handles.setup.code()));
        text.push_str("  Open the address and enter the code to create the first organization.\n");
    }
    text.push('\n');
    // A closed pipe at the other end is no reason not to serve.
    let _ = std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush());
    Ok(())
}
