//! When old secrets were last used, so that people see whether they can let them end.
//!
//! It is kept in memory and written every few seconds. What a crash takes of it is a few seconds of an old
//! secret's last use, and nothing that is counted or paid for.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Timestamp, secrets::SecretHash};
use store::Db;

/// How often it is written.
const EVERY: Duration = Duration::from_secs(2);

/// The last uses that are not written yet. Most calls come with the secret that their key has now, and never
/// get here.
#[derive(Debug, Default)]
pub(crate) struct OldUses(Mutex<HashMap<SecretHash, Timestamp>>);

impl OldUses {
    /// An old secret was used.
    pub(crate) fn note(&self, hash: SecretHash, at: Timestamp) {
        let mut uses = self.lock();
        let last = uses.entry(hash).or_insert(at);
        *last = at.max(*last);
    }

    /// Writes what there is, for as long as the gateway runs.
    pub(crate) async fn run(self: Arc<Self>, db: Db) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.write(&db).await;
        }
    }

    /// Writes what there is. What the database does not take is written another time.
    pub(crate) async fn write(&self, db: &Db) {
        let mut uses: Vec<_> = mem::take(&mut *self.lock()).into_iter().collect();
        if uses.is_empty() {
            return;
        }
        // Nodes that write at once meet the rows in one order.
        uses.sort_unstable_by_key(|(hash, _)| *hash.as_bytes());
        if let Err(error) = record(db, &uses).await {
            tracing::debug!(%error, "the last uses of old secrets could not be written");
            uses.into_iter().for_each(|(hash, at)| self.note(hash, at));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn record(db: &Db, uses: &[(SecretHash, Timestamp)]) -> store::Result<()> {
    let mut tx = db.begin().await?;
    tx.keys().note_old_uses(uses).await?;
    tx.commit().await
}
