//! Telling other nodes what was let through, and hearing it of them: `domain::limits` says what that
//! keeps.

use std::{sync::Arc, time::Duration};

use domain::{LimitId, NodeId, OrganizationId, limits::Meters};
use store::{
    Db,
    signals::{MOST_LIMITS, Signal},
};

use super::Gates;
use crate::node::Node;

/// How often nodes tell one another what they let through, if it is anything.
const EXCHANGE: Duration = Duration::from_millis(100);

/// How long it may take to tell.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells the other nodes for as long as the gateway runs.
///
/// What can't be told is not told later: while nodes can't hear one another each keeps the limits alone,
/// and would owe for no good afterwards what went with the time long ago.
pub(crate) async fn run(gates: Arc<Gates>, node: Arc<Node>, db: Db) {
    loop {
        tokio::time::sleep(EXCHANGE).await;
        let used = gates.tell();
        if used.is_empty() {
            continue;
        }
        match tokio::time::timeout(PATIENCE, send(&db, node.id, &used)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "other nodes were not told what was let through"),
            Err(_) => tracing::debug!("other nodes could not be told in time what was let through"),
        }
    }
}

type Used = Vec<(LimitId, i64)>;

async fn send(db: &Db, node: NodeId, all: &[(OrganizationId, Used)]) -> store::Result<()> {
    let mut tx = db.begin().await?;
    for (organization, used) in all {
        for used in used.chunks(MOST_LIMITS) {
            let signal = Signal::Used { node, organization: *organization, used: used.to_vec() };
            tx.signals().send(&signal).await?;
        }
    }
    tx.commit().await
}

impl Gates {
    /// What calls of this node used since it was last told, by organization.
    fn tell(&self) -> Vec<(OrganizationId, Used)> {
        let mut all = self.lock();
        let told = all.iter_mut().map(|(organization, meters)| (*organization, Meters::tell(meters)));
        told.filter(|(_, used)| !used.is_empty()).collect()
    }

    /// Calls of a node used so much of the organization's limits.
    pub(crate) fn hear(&self, by: NodeId, organization: OrganizationId, used: &[(LimitId, i64)]) {
        if self.node.as_ref().is_none_or(|node| node.id == by) {
            return;
        }
        if let Some(meters) = self.lock().get_mut(&organization) {
            meters.hear(used, self.now());
        }
    }
}
