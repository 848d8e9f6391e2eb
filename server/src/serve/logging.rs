use tracing_subscriber::{EnvFilter, fmt};

use super::{ServeError, fail};
use crate::config::{Config, LogFormat};

/// Starts structured logging to standard error.
pub(super) fn start(config: &Config) -> Result<(), ServeError> {
    let filter = EnvFilter::try_new(&config.log).map_err(|_| {
        fail(format!("The setting log can't be {:?}. Give a level such as info, or info,gateway=debug.", config.log))
    })?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(fail)
}
