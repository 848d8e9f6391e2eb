//! Opening an installation: data directory, database, master key, clock and randomness.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use domain::{Clock, Currency, Entropy, Timestamp};
use rand::Rng;
use store::{
    Db,
    vault::{Place, Vault},
};
use uuid::Uuid;

use crate::config::Config;

/// What is sealed at the first start and opened at each later one.
const CANARY: &[u8] = b"turnpike";
const CANARY_PLACE: Place = Place { table: "settings", column: "canary", row: Uuid::nil() };

/// An installation, opened.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The database, migrated.
    pub db: Db,
    /// Seals and opens secrets.
    pub vault: Vault,
    /// The system's time.
    pub clock: Clock,
    /// The system's randomness.
    pub entropy: Entropy,
    /// The book currency.
    pub currency: Currency,
}

/// Why an installation can't be opened, in a sentence that says what to change.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// Opens the installation that `config` names, making what is missing.
///
/// # Errors
/// When the data directory can't be written, the database can't be reached or is newer, or the
/// master key is another than the one it was set up with.
pub async fn open(config: &Config) -> Result<Installation, OpenError> {
    let (clock, entropy) = (system_clock(), system_entropy());
    make_data_dir(&config.data_dir)?;
    let db = Db::connect(&config.database_url()).await.map_err(|e| unreachable(config, &e))?;
    db.migrate().await.map_err(|e| OpenError(format!("The database can't be brought up to date: {e}")))?;
    let vault = Vault::new(&master_key(config, &entropy)?, entropy.clone()).map_err(|e| OpenError(e.to_string()))?;
    let currency = settle(&db, &vault, config).await?;
    Ok(Installation { db, vault, clock, entropy, currency })
}

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
pub fn system_clock() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    })
}

/// A generator of each thread's own, seeded by the operating system.
pub fn system_entropy() -> Entropy {
    Entropy::new(|out| rand::rng().fill_bytes(out))
}

fn make_data_dir(dir: &Path) -> Result<(), OpenError> {
    let refused = |e: std::io::Error| {
        let dir = dir.display();
        OpenError(format!(
            "The data directory {dir} can't be written ({e}). Choose another with --data-dir, or change its owner."
        ))
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(refused)?;
    let probe = dir.join(".writable");
    fs::write(&probe, b"").map_err(refused)?;
    fs::remove_file(&probe).map_err(refused)
}

fn unreachable(config: &Config, error: &store::Error) -> OpenError {
    let which = if config.database_url.is_empty() {
        "turnpike.db in the data directory"
    } else {
        "the one that database_url names"
    };
    OpenError(format!("The database can't be opened: {which}. {error}"))
}

/// Reads the master key, or makes one at the first start. A key that the operator named is never
/// made up: it is shared by all nodes, and a new one would open nothing.
fn master_key(config: &Config, entropy: &Entropy) -> Result<String, OpenError> {
    let file = config.master_key_file();
    let refused = |e: std::io::Error| OpenError(format!("The master key file {} can't be read ({e}).", file.display()));
    match fs::read_to_string(&file) {
        Ok(text) => return Ok(text),
        Err(e) if e.kind() != std::io::ErrorKind::NotFound || config.master_key_is_given() => return Err(refused(e)),
        Err(_) => {}
    }
    let text = Vault::generate(entropy);
    let mut created = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).map_err(refused)?;
    created.write_all(text.as_bytes()).and_then(|()| created.sync_all()).map_err(refused)?;
    Ok(text)
}

/// Fixes at the first start what must never change afterwards, and checks it at each later one:
/// the master key (by a canary) and the book currency.
async fn settle(db: &Db, vault: &Vault, config: &Config) -> Result<Currency, OpenError> {
    let broken = |e: &dyn std::fmt::Display| OpenError(format!("The database can't be read: {e}"));
    let sealed = vault.seal(CANARY_PLACE, CANARY).map_err(|e| OpenError(e.to_string()))?;
    let wanted = config.currency().map_err(|e| OpenError(e.to_string()))?;
    let mut tx = db.begin().await.map_err(|e| broken(&e))?;
    let canary = tx.platform().ensure_setting("canary", &hex(&sealed)).await.map_err(|e| broken(&e))?;
    let currency = tx.platform().ensure_setting("currency", wanted.code()).await.map_err(|e| broken(&e))?;
    tx.commit().await.map_err(|e| broken(&e))?;
    if unhex(&canary).and_then(|c| vault.open(CANARY_PLACE, &c).ok()).as_deref() != Some(CANARY) {
        return Err(OpenError(format!(
            "The master key in {} is not the one that this database was set up with. Put the right key file in place.",
            config.master_key_file().display()
        )));
    }
    if currency != wanted.code() {
        return Err(OpenError(format!(
            "This installation keeps its books in {currency}, which can't be changed. Set currency to {currency}."
        )));
    }
    Ok(wanted)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}
