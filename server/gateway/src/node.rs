//! This process among the others that serve calls from the same database.

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{Clock, Entropy, NodeId};
use store::Db;
use uuid::Uuid;

use crate::{budgets::Books, limits::Gates};

/// How often a node says that it is there.
const BEAT: Duration = Duration::from_secs(1);

/// How much of its time a node uses: the rest is for clocks that run at another speed.
const KEPT: f32 = 0.9;

/// The file in the journal's directory that names the node: a lease is the journal's whose calls draw
/// on it, whichever process works with that.
const FILE: &str = "node";

/// This process among the others that serve calls from the same database.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    incarnation: Uuid,
    lifetime: Duration,
    began: Instant,
    /// Until when it gives out what is leased to it, in milliseconds since it began.
    until: AtomicU64,
    nodes: AtomicU32,
    lost: AtomicBool,
}

impl Node {
    /// Begins to be the node whose journal is in `dir`. Call it when everything in the journal is in the
    /// books: nothing is leased to it then.
    pub(crate) async fn begin(
        db: &Db,
        dir: &Path,
        lifetime: Duration,
        clock: &Clock,
        entropy: &Entropy,
    ) -> Result<Self, BeginError> {
        let id = identity(dir, clock, entropy)?;
        let node = Self {
            id,
            incarnation: entropy.uuid_v7(clock.now()),
            lifetime,
            began: Instant::now(),
            until: AtomicU64::new(0),
            nodes: AtomicU32::new(1),
            lost: AtomicBool::new(false),
        };
        node.register(db).await?;
        Ok(node)
    }

    async fn register(&self, db: &Db) -> store::Result<()> {
        let asked = Instant::now();
        let mut tx = db.begin().await?;
        tx.nodes().begin(self.id, self.incarnation, &host_name(), self.lifetime).await?;
        tx.commit().await?;
        self.extend(asked);
        Ok(())
    }

    /// How many nodes there are, this one included.
    pub(crate) fn count(&self) -> u32 {
        self.nodes.load(Ordering::Relaxed).max(1)
    }

    /// Whether it has not been seen for so long that another may have what was leased to it.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.began.elapsed().as_millis() as u64 >= self.until.load(Ordering::Acquire)
    }

    /// Whether the database could not be reached of late, so that nothing more can be leased.
    pub(crate) fn is_alone(&self) -> bool {
        let until = Duration::from_millis(self.until.load(Ordering::Acquire));
        self.began.elapsed() > until.saturating_sub(self.lifetime.mul_f32(KEPT)) + 3 * BEAT
    }

    /// Says that it is there, for as long as it runs.
    pub(crate) async fn run(self: Arc<Self>, db: Db, books: Arc<Books>, gates: Arc<Gates>) {
        loop {
            tokio::time::sleep(BEAT).await;
            if let Err(error) = self.beat(&db, &books, &gates).await {
                tracing::debug!(%error, "the database did not hear that this node is there");
            }
            if self.is_cut_off() && !self.lost.swap(true, Ordering::Relaxed) {
                tracing::error!(
                    "the database was not reached for so long that hard budgets and limits on parallel requests give nothing out any more"
                );
            }
        }
    }

    async fn beat(&self, db: &Db, books: &Books, gates: &Gates) -> store::Result<()> {
        let asked = Instant::now();
        let mut tx = db.begin().await?;
        let nodes = tx.nodes().beat(self.id, self.incarnation, self.lifetime).await?;
        let known = nodes.is_some() || tx.nodes().list().await?.iter().any(|node| node.id == self.id);
        tx.commit().await?;
        match nodes {
            Some(nodes) => {
                self.nodes.store(nodes, Ordering::Relaxed);
                self.extend(asked);
            }
            None => {
                self.until.store(0, Ordering::Release);
                books.lose_leases();
                gates.lose_slots();
                if known {
                    tracing::error!(node = %self.id, "another process is this node: the data directory was copied, and each node needs one of its own");
                } else {
                    tracing::warn!(node = %self.id, "this node was retired; it begins anew");
                    self.register(db).await?;
                }
            }
        }
        Ok(())
    }

    /// It was seen at the earliest when the database was asked.
    fn extend(&self, asked: Instant) {
        let until = asked.duration_since(self.began) + self.lifetime.mul_f32(KEPT);
        self.until.store(until.as_millis() as u64, Ordering::Release);
        if self.lost.swap(false, Ordering::Relaxed) {
            tracing::info!("hard budgets and limits on parallel requests give out again");
        }
    }

    /// Ends to be the node: nothing is in its journal, and what was leased to it is free.
    pub(crate) async fn end(&self, db: &Db) -> store::Result<()> {
        self.until.store(0, Ordering::Release);
        let mut tx = db.begin().await?;
        tx.nodes().end(self.id).await?;
        tx.commit().await
    }
}

/// Why this process can't be a node.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BeginError {
    #[error("The file {FILE:?} in the journal's directory can't be read or written: {0}.")]
    File(#[from] io::Error),
    #[error("The file {FILE:?} in the journal's directory names no node. Remove it if its leases are retired.")]
    NoNode,
    #[error("{0}")]
    Store(#[from] store::Error),
}

fn identity(dir: &Path, clock: &Clock, entropy: &Entropy) -> Result<NodeId, BeginError> {
    let file = dir.join(FILE);
    match fs::read_to_string(&file) {
        Ok(text) => text.trim().parse().map_err(|_| BeginError::NoNode),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let id = NodeId::mint(clock.now(), entropy);
            fs::write(&file, format!("{id}\n"))?;
            Ok(id)
        }
        Err(error) => Err(error.into()),
    }
}

/// What people call this machine.
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
