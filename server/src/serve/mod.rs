//! The running server: one door, behind it the gateway and the portal on runtimes of their own.

mod announce;
mod door;
mod handles;
mod live;
mod logging;
mod metrics;
mod portal;
mod signal;
mod site;
mod upkeep;
mod workers;

use std::{sync::Arc, time::Duration};

use gateway::{Gateway, News, Parts};
use service::{Core, Standing};
use tokio::{net::TcpListener, runtime};

pub use handles::Handles;
pub use signal::stop_signal;

use workers::Workers;

use crate::{
    api::Readiness,
    config::Config,
    open::{self, Installation},
};

/// Why the server can't run, in a sentence that says what to change.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ServeError(String);

fn fail(error: impl std::fmt::Display) -> ServeError {
    ServeError(error.to_string())
}

/// What use cases work with. `changed` is called after every commit that gateways must hear of;
/// `standing` is asked how budgets and limits stand.
pub fn core(
    installation: &Installation,
    config: &Config,
    changed: impl Fn() + Send + Sync + 'static,
    standing: Standing,
) -> Core {
    let Installation { db, vault, clock, entropy, currency } = installation.clone();
    let settings = service::Settings {
        public_url: config.public_url(),
        currency,
        private_upstreams: config.private_upstreams,
        usage_events_months: config.usage_events_months,
    };
    Core::new(db, vault, clock, entropy, settings, changed, standing)
}

/// Serves until the process is told to stop, then drains.
///
/// The gateway's threads take connections and calls; the portal's runtime renders pages, works for
/// the management API and writes to the database. A slow page can't slow a call.
///
/// # Errors
/// When the installation can't be opened or the address can't be listened on.
pub fn run(config: Config) -> Result<(), ServeError> {
    logging::start(&config)?;
    for name in Config::unknown_variables() {
        tracing::warn!("{name} is set, but there is no such setting");
    }
    let portal = runtime("portal", config.portal_threads)?;
    let gateway = Workers::start(config.gateway_threads).map_err(fail)?;
    let outcome = portal.block_on(serve(config, gateway.runtimes()));
    drop(gateway);
    portal.shutdown_timeout(Duration::from_secs(1));
    outcome
}

fn runtime(name: &'static str, threads: usize) -> Result<runtime::Runtime, ServeError> {
    let mut builder = runtime::Builder::new_multi_thread();
    if threads > 0 {
        builder.worker_threads(threads);
    }
    builder.thread_name(name).enable_all().build().map_err(fail)
}

async fn serve(config: Config, gateway_runtimes: Vec<runtime::Handle>) -> Result<(), ServeError> {
    let prometheus = metrics::install()?;
    let installation = open::open(&config).await.map_err(fail)?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener
        .map_err(|e| fail(format!("Can't listen on {}: {e}. Choose another address with --listen.", config.listen)))?;
    let gateway = match config.role.serves_calls() {
        true => Some(start_gateway(&config, &installation).await?),
        false => None,
    };
    let nudged = gateway.clone();
    let changed = move || nudged.iter().for_each(Gateway::refresh);
    let core = core(&installation, &config, changed, standing(&installation, gateway.as_ref()));
    service::catalog::refresh_sandbox(&core).await.map_err(fail)?;
    let handles = Handles::new(core.clone()).map_err(fail)?;
    let upkeep = config.role.looks_after().then(|| upkeep::Upkeep::start(core));
    announce::announce(&config, &listener, &handles).await?;
    let ready = readiness(&installation, gateway.as_ref());
    let portal = match config.role.serves_portal() {
        true => {
            let news = gateway.as_ref().map_or_else(|| News::from_others(installation.db.clone()), Gateway::news);
            portal::router(&config, &installation, &handles, news, ready, prometheus)?
        }
        false => portal::probes(&config, &installation, ready, prometheus)?,
    };
    let portal_runtime = runtime::Handle::current();
    let desks = gateway_runtimes.into_iter().map(|runtime| {
        let gateway = gateway.as_ref().map(Gateway::for_runtime);
        let (portal, portal_runtime) = (portal.clone(), portal_runtime.clone());
        door::Desk { runtime, door: Arc::new(door::Door { gateway, portal, portal_runtime }) }
    });
    let drain = Duration::from_secs(config.drain_seconds);
    door::serve(desks.collect(), listener, stop_signal(), drain).await;
    if let Some(upkeep) = upkeep {
        upkeep.end().await;
    }
    if let Some(gateway) = gateway {
        gateway.drain().await;
    }
    installation.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn start_gateway(config: &Config, installation: &Installation) -> Result<Gateway, ServeError> {
    let parts = Parts {
        db: installation.db.clone(),
        vault: installation.vault.clone(),
        clock: installation.clock.clone(),
        entropy: installation.entropy.clone(),
        settings: config.gateway_settings().map_err(fail)?,
        journal_dir: config.data_dir.join("journal"),
    };
    Gateway::start(parts).await.map_err(fail)
}

/// A gateway knows how things stand that are its own. Where several share budgets, each knows its part,
/// and the database knows of all.
fn standing(installation: &Installation, gateway: Option<&Gateway>) -> Standing {
    let Some(gateway) = gateway else { return Standing::of_the_books() };
    let (balances, levels, shared) = (gateway.clone(), gateway.clone(), installation.db.is_shared());
    Standing::new(
        move |organization, budget| balances.balance(organization, budget).filter(|_| !shared),
        move |organization, limit| levels.level(organization, limit),
    )
}

fn readiness(installation: &Installation, gateway: Option<&Gateway>) -> Readiness {
    let (db, gateway) = (installation.db.clone(), gateway.cloned());
    Readiness::new(move || {
        let (db, gateway) = (db.clone(), gateway.clone());
        async move {
            db.read().await.map_err(|_| "The database is not reachable.".to_owned())?;
            match gateway.is_none_or(|gateway| gateway.is_ready()) {
                true => Ok(()),
                false => Err("The gateway has had no news of changes for too long.".to_owned()),
            }
        }
    })
}
