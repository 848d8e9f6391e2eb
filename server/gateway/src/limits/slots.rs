//! Slots of limits on parallel requests, leased to this node: `domain::limits` says on which terms.
//!
//! One task leases them and gives them back, so that no two transactions move this node's lease of the same
//! limit at once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    LimitId, NodeId, OrganizationId,
    budgets::Chain,
    limits::{LimitKind, Meters, SlotTerms},
    usage::Endpoint,
};
use store::{Db, signals::Signal};
use tokio::{sync::Notify, time::Instant};

use super::gates::{Denied, Gates, Passed};
use crate::node::Node;

/// How long a call waits for a slot to be leased.
const PATIENCE: Duration = Duration::from_millis(250);

/// How soon a call that waits asks again.
const AGAIN: Duration = Duration::from_millis(25);

/// What lies between two rounds of leasing. So a slot that was given back in one is there for other nodes
/// to take before this one can in the next.
const PACE: Duration = Duration::from_millis(10);

/// How often it is looked which slots nobody wants, and what the other nodes have.
const LOOK: Duration = Duration::from_secs(2);

/// What must be agreed on with the database.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Of which limits, and how many more slots are needed.
    agenda: Mutex<BTreeMap<(OrganizationId, LimitId), u64>>,
    due: Notify,
    /// A slot is free.
    freed: Notify,
}

impl Slots {
    /// The lease of a limit is not what it should be: so many more slots are needed, or some were left.
    pub(super) fn want(&self, organization: OrganizationId, limit: LimitId, need: u64) {
        let mut agenda = self.agenda();
        let known = agenda.entry((organization, limit)).or_default();
        *known = need.max(*known);
        self.due.notify_one();
    }

    /// These were left by a call that has ended.
    pub(super) fn left(&self, organization: OrganizationId, limits: Vec<LimitId>) {
        limits.into_iter().for_each(|limit| self.want(organization, limit, 0));
        self.freed.notify_waiters();
    }

    fn agenda(&self) -> MutexGuard<'_, BTreeMap<(OrganizationId, LimitId), u64>> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leases and gives back for as long as the gateway runs.
pub(crate) async fn run(gates: Arc<Gates>, node: Arc<Node>, db: Db) {
    let mut looked = Instant::now();
    loop {
        let _ = tokio::time::timeout_at(looked + LOOK, gates.slots.due.notified()).await;
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            gates.give_back_idle(&node);
            if let Err(error) = gates.look_elsewhere(&db, &node).await {
                tracing::debug!(%error, "what is leased to other nodes could not be read");
            }
        }
        gates.agree_all(&db, &node).await;
        tokio::time::sleep(PACE).await;
    }
}

impl Gates {
    /// Waits for a slot, where there may be one that is not leased to this node yet.
    pub(super) async fn wait_for_slot(
        self: &Arc<Self>,
        chain: &Chain,
        endpoint: Endpoint,
        tokens: u64,
    ) -> Result<Passed, Denied> {
        let until = Instant::now() + PATIENCE;
        loop {
            let freed = self.slots.freed.notified();
            tokio::pin!(freed);
            // From here on no news is missed.
            freed.as_mut().enable();
            match self.decide(chain, endpoint, tokens) {
                Err(Denied::Limit(refused))
                    if refused.limit.kind == LimitKind::Parallel
                        && Instant::now() < until
                        && self.want_slots(chain, endpoint) =>
                {
                    let _ = tokio::time::timeout_at(until.min(Instant::now() + AGAIN), freed).await;
                }
                decided => return decided,
            }
        }
    }

    /// Asks for what a call lacks; answers whether there is anything to ask for.
    fn want_slots(&self, chain: &Chain, endpoint: Endpoint) -> bool {
        let all = self.lock();
        let lacking = all.get(&chain.organization).map(|meters| meters.lacking(chain, endpoint)).unwrap_or_default();
        drop(all);
        lacking.iter().for_each(|(limit, need)| self.slots.want(chain.organization, *limit, *need));
        !lacking.is_empty()
    }

    /// Another node needs slots of a limit.
    pub(crate) fn asked(&self, by: NodeId, organization: OrganizationId, limit: LimitId, need: u64) {
        let Some(node) = self.node.as_ref().filter(|node| node.id != by) else { return };
        let given = self.lock().get_mut(&organization).is_some_and(|meters| meters.give_way(limit, need, node.count()));
        if given {
            self.slots.want(organization, limit, 0);
        }
    }

    /// Another process may have what was leased to this node.
    pub(crate) fn lose_slots(&self) {
        self.lock().values_mut().for_each(Meters::lose_slots);
    }

    fn give_back_idle(&self, node: &Node) {
        if node.count() < 2 {
            return;
        }
        for (organization, meters) in self.lock().iter_mut() {
            meters.give_back_idle().into_iter().for_each(|limit| self.slots.want(*organization, limit, 0));
        }
    }

    async fn look_elsewhere(&self, db: &Db, node: &Node) -> store::Result<()> {
        let leased = db.read().await?.limits().leased_elsewhere(node.id).await?;
        let leased: BTreeMap<_, _> = leased.into_iter().collect();
        let of = |limit| leased.get(&limit).copied().unwrap_or(0);
        self.lock().values_mut().for_each(|meters| meters.note_elsewhere(of));
        Ok(())
    }

    async fn agree_all(&self, db: &Db, node: &Node) {
        let agenda = std::mem::take(&mut *self.slots.agenda());
        for ((organization, limit), need) in agenda {
            if let Err(error) = self.agree(db, node, organization, limit, need).await {
                tracing::debug!(%error, %limit, "parallel requests could not be leased");
                // A call that needs them asks again; what was left must not be forgotten.
                self.slots.agenda().entry((organization, limit)).or_default();
            }
        }
    }

    async fn agree(
        &self,
        db: &Db,
        node: &Node,
        organization: OrganizationId,
        limit: LimitId,
        need: u64,
    ) -> store::Result<()> {
        let mut tx = db.begin().await?;
        let Some(stored) = tx.limits().get_for_update(organization, limit).await? else { return Ok(()) };
        let before = tx.limits().leased(node.id, limit).await?;
        let (amount, nodes) = (stored.limit.amount, node.count());
        let terms = SlotTerms { amount, elsewhere: before.elsewhere, here: before.here, nodes };
        let granted = if need > 0 { terms.grant(need) } else { 0 };
        let lease = self.lock().get_mut(&organization).map_or(0, |m| m.to_lease(limit, terms.beyond(), granted));
        if lease != before.here {
            tx.limits().lease(node.id, limit, lease).await?;
        }
        if granted < need && before.elsewhere > 0 {
            let (node, need) = (node.id, need - granted);
            tx.signals().send(&Signal::SlotsWanted { node, organization, limit, need }).await?;
        }
        tx.commit().await?;
        if let Some(meters) = self.lock().get_mut(&organization) {
            meters.lend(limit, lease, granted, before.elsewhere);
        }
        self.slots.freed.notify_waiters();
        Ok(())
    }
}
