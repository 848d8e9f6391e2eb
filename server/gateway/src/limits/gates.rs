//! The limits of all organizations, and what is used of them.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    Map, OrganizationId,
    budgets::Chain,
    limits::{Level, Limit, LimitKind, Meters, Pass, Refused},
    usage::Endpoint,
};
use store::Db;

use super::{
    redis::{Receipt, Redis},
    slots::Slots,
};
use crate::node::Node;

/// What all organizations may use in a minute or at once, and what they do use. It is counted from the
/// beginning of the process on. Where there are several nodes, they tell one another what they let
/// through (see `exchange`).
#[derive(Debug)]
pub(crate) struct Gates {
    /// None where no other node can be.
    pub(super) node: Option<Arc<Node>>,
    /// Decides instead of the meters, as long as it answers.
    pub(super) redis: Option<Arc<Redis>>,
    meters: Mutex<Map<OrganizationId, Meters>>,
    /// Whether there is any limit at all: most installations begin with none.
    any: AtomicBool,
    began: Instant,
    pub(super) slots: Slots,
}

/// Why a call is not let through.
#[derive(Debug)]
pub(crate) enum Denied {
    /// A limit does not.
    Limit(Refused),
    /// Nobody can say: this node has not reached the database for too long.
    CutOff,
}

impl Gates {
    /// No limits yet; `node` keeps them with others, and `redis` exactly.
    pub(crate) fn new(node: Option<Arc<Node>>, redis: Option<Arc<Redis>>) -> Self {
        let (any, began) = (AtomicBool::new(false), Instant::now());
        Self { node, redis, meters: Mutex::default(), any, began, slots: Slots::default() }
    }

    /// Whether anybody has a limit.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Whether a limit above such calls counts tokens.
    pub(crate) fn count_tokens(&self, chain: &Chain, endpoint: Endpoint) -> bool {
        let all = self.lock();
        let meters = all.get(&chain.organization);
        meters.is_some_and(|meters| meters.limits(chain, endpoint).any(|limit| limit.kind == LimitKind::Tokens))
    }

    /// Lets a call through that has so many tokens already. Where it needs one more parallel request than
    /// is leased to this node, it waits for a moment.
    pub(crate) async fn pass(
        self: &Arc<Self>,
        chain: &Chain,
        endpoint: Endpoint,
        tokens: u64,
    ) -> Result<Passed, Denied> {
        if let Some(decided) = self.ask_redis(chain, endpoint, tokens).await {
            return decided;
        }
        match self.decide(chain, endpoint, tokens) {
            Err(Denied::Limit(refused)) if self.node.is_some() && refused.limit.kind == LimitKind::Parallel => {
                self.wait_for_slot(chain, endpoint, tokens).await
            }
            decided => decided,
        }
    }

    /// Decides by what this node knows.
    pub(super) fn decide(self: &Arc<Self>, chain: &Chain, endpoint: Endpoint, tokens: u64) -> Result<Passed, Denied> {
        let mut all = self.lock();
        let Some(meters) = all.get_mut(&chain.organization) else { return Ok(Passed::freely()) };
        if self.node.as_ref().is_some_and(|node| node.is_cut_off()) && meters.needs_slots(chain, endpoint) {
            return Err(Denied::CutOff);
        }
        let pass = meters.admit(chain, endpoint, tokens, self.now()).map_err(Denied::Limit)?;
        Ok(Passed::on(self.clone(), pass, None))
    }

    /// The limits above such calls, and how they stand.
    pub(crate) fn above(&self, chain: &Chain, endpoint: Endpoint) -> Vec<(Limit, Level)> {
        let all = self.lock();
        let Some(meters) = all.get(&chain.organization) else { return Vec::new() };
        meters.above(chain, endpoint, self.now()).collect()
    }

    /// How a limit stands.
    pub(crate) fn level(&self, organization: OrganizationId, limit: &Limit) -> Option<Level> {
        self.lock().get(&organization)?.level(limit, self.now())
    }

    /// Reads the organization's limits, which have changed.
    pub(crate) async fn read(&self, db: &Db, organization: OrganizationId) -> store::Result<()> {
        let stored = db.read().await?.limits().list(organization).await?;
        let mut all = self.lock();
        let fresh = if self.node.is_some() { Meters::shared } else { Meters::default };
        let meters = all.entry(organization).or_insert_with(fresh);
        meters.put(stored.into_iter().map(|stored| stored.limit), self.now());
        // Less may be allowed than is leased.
        meters.leased().into_iter().for_each(|limit| self.slots.want(organization, limit, 0));
        if meters.is_empty() {
            all.remove(&organization);
        }
        self.any.store(!all.is_empty(), Ordering::Release);
        Ok(())
    }

    /// Reads all limits, because it is not known whose have changed.
    pub(crate) async fn read_all(&self, db: &Db) -> store::Result<()> {
        let mut organizations = db.read().await?.limits().organizations().await?;
        organizations.extend(self.lock().keys());
        for organization in organizations {
            self.read(db, organization).await?;
        }
        Ok(())
    }

    fn end(&self, pass: &Pass, end: impl FnOnce(&mut Meters, Duration)) {
        let organization = pass.organization();
        let mut all = self.lock();
        let Some(meters) = all.get_mut(&organization) else { return };
        end(meters, self.now());
        if self.node.is_some() {
            let left = meters.leaves(pass);
            drop(all);
            self.slots.left(organization, left);
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// A panic while the lock is held leaves meters that are whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, Map<OrganizationId, Meters>> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That a call was let through. What it took comes back when this is dropped, because the call was not
/// made after all.
#[derive(Debug)]
pub(crate) struct Passed(Option<Taken>);

#[derive(Debug)]
struct Taken {
    gates: Arc<Gates>,
    pass: Pass,
    receipt: Option<Receipt>,
}

impl Passed {
    /// There is no limit that could let it through.
    pub(crate) fn freely() -> Self {
        Self(None)
    }

    /// It is in the meters, and in Redis where there is a receipt.
    pub(super) fn on(gates: Arc<Gates>, pass: Pass, receipt: Option<Receipt>) -> Self {
        Self(Some(Taken { gates, pass, receipt }))
    }

    /// The call has ended, and used so many tokens.
    pub(crate) fn settle(mut self, tokens: u64) {
        self.end(Some(tokens));
    }

    fn end(&mut self, used: Option<u64>) {
        let Some(Taken { gates, pass, receipt }) = self.0.take() else { return };
        gates.end(&pass, |meters, now| match used {
            Some(tokens) => meters.settle(&pass, tokens, now),
            None => meters.cancel(&pass, now),
        });
        if let Some(receipt) = receipt {
            receipt.end(used);
        }
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        self.end(None);
    }
}
