//! The keys in memory.
//!
//! A key that was seen once is answered from memory until a change to it is heard of, so that the
//! warm path needs no database and goes on without one. Unknown keys are remembered too, for a
//! short while, so that a client with a wrong key is no load on the database.
//!
//! An old secret of a key stands for the secret that the key has now, and only that one for the key: a
//! change to a key need not name its old secrets to be in force for those who use them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{ErrorCode, Timestamp, secrets::SecretHash};
use moka::{Expiry, future::Cache};
use store::{
    Db,
    keys::{KeySnapshot, Presented},
};

use super::{authenticate::unknown, policy::rotated};
use crate::{respond::Refusal, settings::Settings};

/// The longest that reading a key may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A known key, by the secret that was presented.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) key: Arc<KeySnapshot>,
    /// Until when the secret is good, where it is an old one.
    pub(crate) ends_at: Option<Timestamp>,
}

/// Snapshots of keys, by the hash of their secret.
pub(crate) struct Keys {
    db: Db,
    known: Cache<SecretHash, Entry>,
    /// Changes that were heard of lately. A read that began before one of them may have found what
    /// no longer holds, and may reach the cache only after the change has emptied it.
    lately: moka::sync::Cache<SecretHash, i64>,
    /// What was read before this change is not believed, whichever key it is of.
    floor: AtomicI64,
}

#[derive(Debug, Clone)]
struct Entry {
    found: Found,
    /// The newest change that the read can't have missed.
    generation: i64,
}

/// What a secret stands for.
#[derive(Debug, Clone)]
enum Found {
    Nothing,
    Key(Arc<KeySnapshot>),
    /// Another secret, as long as this one is good.
    Old {
        current: SecretHash,
        ends_at: Timestamp,
    },
}

impl Keys {
    pub(crate) fn new(db: Db, settings: &Settings) -> Self {
        let forget = ForgetUnknown(settings.unknown_key_memory);
        Self {
            db,
            known: Cache::builder().max_capacity(settings.cached_keys).expire_after(forget).build(),
            lately: moka::sync::Cache::builder().max_capacity(100_000).time_to_live(4 * PATIENCE).build(),
            floor: AtomicI64::new(0),
        }
    }

    /// The key that has or had this secret.
    pub(crate) async fn get(&self, hash: &SecretHash) -> Result<Known, Refusal> {
        match self.find(hash).await? {
            Found::Key(key) => Ok(Known { key, ends_at: None }),
            Found::Nothing => Err(unknown()),
            Found::Old { current, ends_at } => match self.find(&current).await? {
                Found::Key(key) => Ok(Known { key, ends_at: Some(ends_at) }),
                // The key has got a third secret, and the change is about to be heard of.
                Found::Old { .. } => Err(rotated()),
                Found::Nothing => Err(unknown()),
            },
        }
    }

    async fn find(&self, hash: &SecretHash) -> Result<Found, Refusal> {
        match self.known.get(hash).await {
            Some(entry) => Ok(entry.found),
            None => self.load(hash).await,
        }
    }

    async fn load(&self, hash: &SecretHash) -> Result<Found, Refusal> {
        loop {
            // Many calls with a key that is new here make one read.
            let read = self.known.try_get_with(*hash, read(&self.db, hash)).await;
            let entry = read.map_err(|error| {
                tracing::warn!(%error, "a key could not be looked up");
                Refusal::new(ErrorCode::Unavailable, "Keys can't be looked up right now. Try again shortly.")
            })?;
            let newest = self.lately.get(hash).unwrap_or(0).max(self.floor.load(Ordering::Acquire));
            if newest <= entry.generation {
                return Ok(entry.found);
            }
            self.known.invalidate(hash).await;
        }
    }

    /// Forgets a key that change number `generation` was about.
    pub(crate) async fn forget(&self, hash: &SecretHash, generation: i64) {
        self.lately.insert(*hash, generation);
        self.known.invalidate(hash).await;
    }

    /// Forgets all keys, because it is not known which have changed up to `generation`.
    pub(crate) fn forget_all(&self, generation: i64) {
        self.floor.store(generation, Ordering::Release);
        self.known.invalidate_all();
    }
}

async fn read(db: &Db, hash: &SecretHash) -> Result<Entry, ReadError> {
    let read = async {
        let mut reader = db.read().await?;
        let generation = reader.changes().latest().await?;
        let found = match reader.keys().presented(hash).await? {
            None => Found::Nothing,
            Some(Presented { current, ends_at: Some(ends_at), .. }) => Found::Old { current, ends_at },
            Some(Presented { key, .. }) => Found::Key(Arc::new(key)),
        };
        Ok(Entry { found, generation })
    };
    tokio::time::timeout(PATIENCE, read).await.map_err(|_| ReadError::Late)?
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the database did not answer in time")]
    Late,
}

/// Known keys stay until they change; unknown ones are forgotten after a while.
struct ForgetUnknown(Duration);

impl Expiry<SecretHash, Entry> for ForgetUnknown {
    fn expire_after_create(&self, _: &SecretHash, entry: &Entry, _: Instant) -> Option<Duration> {
        matches!(entry.found, Found::Nothing).then_some(self.0)
    }
}
