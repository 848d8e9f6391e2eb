//! The ledgers of all organizations, in agreement with the database and with the journal.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{
    BudgetId, Clock, Map, Money, OrganizationId, Timestamp,
    budgets::{Ask, Balance, Chain, Hold, Ledger, Short},
};
use store::Db;
use tokio::{sync::Notify, time::Instant};

use super::{
    due::Agenda,
    share::{AGAIN, Wanting},
};
use crate::{batch::Queue, node::Node};

/// What all organizations may spend, have spent, and hold.
///
/// What was spent is what the books in the database say, and the settled calls that are still on
/// their way there. Both are looked at together by the task that takes them there, so that none is
/// missed and none is counted twice. Where there are several nodes, that task also leases money of the
/// hard budgets, and gives it back (see `agree`).
pub(crate) struct Books {
    /// None where no other node can be.
    pub(crate) node: Option<Arc<Node>>,
    pub(super) queue: Arc<Queue>,
    ledgers: Mutex<Map<OrganizationId, Ledger>>,
    /// Whether there is any budget at all: most installations begin with none.
    pub(super) any: AtomicBool,
    /// Whose budgets must be looked at in the database.
    agenda: Mutex<Agenda>,
    /// Which budgets were passed, and when; not yet in the database.
    crossed: Mutex<Vec<(BudgetId, Timestamp)>>,
    /// Of which budgets calls of this node wait for more to be leased to it.
    wanting: Mutex<Map<BudgetId, Wanting>>,
    /// Something that was held is free.
    pub(super) freed: Notify,
}

/// Why a call may not spend what it may cost.
#[derive(Debug)]
pub(crate) enum Denied {
    /// It does not fit a budget.
    Short(Short),
    /// Nobody can say: this node has not reached the database for too long.
    CutOff,
}

impl Books {
    /// No books yet. What is settled is on its way in `queue`; `node` shares the budgets with others.
    pub(crate) fn new(node: Option<Arc<Node>>, queue: Arc<Queue>) -> Self {
        Self {
            node,
            queue,
            ledgers: Mutex::default(),
            any: AtomicBool::new(false),
            agenda: Mutex::default(),
            crossed: Mutex::default(),
            wanting: Mutex::default(),
            freed: Notify::new(),
        }
    }

    /// Whether the organization has any budget.
    pub(crate) fn concern(&self, chain: &Chain) -> bool {
        self.any.load(Ordering::Acquire) && self.lock().contains_key(&chain.organization)
    }

    /// Holds what a call may cost. Where it would fit if calls in flight cost less than they may, it
    /// waits for them, for as long as `patience`.
    pub(crate) async fn hold(
        self: &Arc<Self>,
        chain: Chain,
        ask: Ask,
        clock: &Clock,
        patience: Duration,
    ) -> Result<Held, Denied> {
        let since = Instant::now();
        let until = since + patience;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // From here on no news is missed.
            freed.as_mut().enable();
            let at = clock.now();
            match self.try_hold(&chain, ask, Instant::now() >= until, at) {
                Ok(Some(hold)) if !hold.is_free() && self.node.as_ref().is_some_and(|node| node.is_cut_off()) => {
                    self.release(&chain, &hold);
                    return Err(Denied::CutOff);
                }
                Ok(hold) => {
                    self.served(hold.as_ref());
                    return Ok(Held { books: self.clone(), chain, at, hold });
                }
                Err(Short::Held(_)) if Instant::now() < until => {
                    let wake =
                        if self.want(&chain, ask, since, at) { until.min(Instant::now() + AGAIN) } else { until };
                    let _ = tokio::time::timeout_at(wake, freed).await;
                }
                // There may be more, and nobody can be asked for it.
                Err(Short::Held(_)) if self.node.as_ref().is_some_and(|node| node.is_alone()) => {
                    return Err(Denied::CutOff);
                }
                Err(short) => return Err(Denied::Short(short)),
            }
        }
    }

    fn try_hold(&self, chain: &Chain, ask: Ask, pressed: bool, now: Timestamp) -> Result<Option<Hold>, Short> {
        match self.lock().get_mut(&chain.organization) {
            Some(ledger) => ledger.reserve(chain, ask, pressed, now).map(Some),
            None => Ok(None),
        }
    }

    /// Books a settled call and hands it on to the database, as one step: whoever compares the books
    /// with what is on its way sees both or neither.
    fn settle(
        &self,
        chain: &Chain,
        hold: Hold,
        at: Timestamp,
        cost: Money,
        now: Timestamp,
        hand_on: impl FnOnce(Hold),
    ) {
        let crossed = {
            let mut ledgers = self.lock();
            hand_on(if self.node.is_some() { hold.clone().used(cost) } else { Hold::none() });
            match ledgers.get_mut(&chain.organization) {
                Some(ledger) => ledger.settle(chain, &hold, at, cost, now),
                None => return,
            }
        };
        for Balance { budget, spent, .. } in crossed {
            tracing::info!(budget = %budget.id, scope = %budget.scope, %spent, amount = %budget.amount, hard = budget.hard, "a budget was passed");
            self.crossed().push((budget.id, now));
        }
        self.freed.notify_waiters();
    }

    /// Writes down which budgets were passed. What can't be written is tried again.
    pub(crate) async fn note_crossed(&self, db: &Db) {
        let crossed = std::mem::take(&mut *self.crossed());
        if crossed.is_empty() {
            return;
        }
        if let Err(error) = write_crossed(db, &crossed).await {
            tracing::warn!(%error, "that budgets were passed could not be noted; it is tried again");
            self.crossed().extend(crossed);
        }
    }

    fn release(&self, chain: &Chain, hold: &Hold) {
        if let Some(ledger) = self.lock().get_mut(&chain.organization) {
            ledger.release(hold);
        }
        self.freed.notify_waiters();
    }

    /// How a budget stands.
    pub(crate) fn balance(&self, organization: OrganizationId, id: BudgetId, now: Timestamp) -> Option<Balance> {
        self.lock().get_mut(&organization)?.balance(id, now)
    }

    /// The organization's budgets have changed.
    pub(crate) fn changed(&self, organization: OrganizationId) {
        self.agenda().all_of(organization);
    }

    /// It is not known whose budgets have changed.
    pub(crate) async fn all_changed(&self, db: &Db) -> store::Result<()> {
        let stored = db.read().await?.budgets().organizations().await?;
        let known: Vec<_> = self.lock().keys().copied().collect();
        self.agenda().extend(stored.into_iter().chain(known));
        Ok(())
    }

    /// A panic while a lock is held leaves ledgers that are whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, Map<OrganizationId, Ledger>> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn crossed(&self) -> MutexGuard<'_, Vec<(BudgetId, Timestamp)>> {
        self.crossed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wanting(&self) -> MutexGuard<'_, Map<BudgetId, Wanting>> {
        self.wanting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Books {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Books").field("node", &self.node).finish_non_exhaustive()
    }
}

async fn write_crossed(db: &Db, crossed: &[(BudgetId, Timestamp)]) -> store::Result<()> {
    let mut tx = db.begin().await?;
    for (id, at) in crossed {
        tx.budgets().cross(*id, *at).await?;
    }
    tx.commit().await
}

/// What a call holds. It comes back when the call is settled, or when this is dropped because the call
/// was never forwarded.
#[derive(Debug)]
pub(crate) struct Held {
    books: Arc<Books>,
    chain: Chain,
    at: Timestamp,
    hold: Option<Hold>,
}

impl Held {
    /// Nothing, because there is no budget to hold it on.
    pub(crate) fn nothing(books: Arc<Books>, chain: Chain, at: Timestamp) -> Self {
        Self { books, chain, at, hold: None }
    }

    /// When the call was admitted. It is this that decides in which period it counts: a call may come
    /// in one and find its money in the next.
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    /// How much is held; none where no hard budget bounds the call.
    pub(crate) fn amount(&self) -> Option<Money> {
        self.hold.as_ref().filter(|hold| !hold.is_free()).map(|hold| hold.amount)
    }

    /// Books what the call did cost, and hands it on to the database, with what it has used up of what
    /// is leased to this node.
    pub(crate) fn settle(mut self, cost: Money, now: Timestamp, hand_on: impl FnOnce(Hold)) {
        let hold = self.hold.take().unwrap_or(Hold::none());
        self.books.settle(&self.chain, hold, self.at, cost, now, hand_on);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(hold) = self.hold.take() {
            self.books.release(&self.chain, &hold);
        }
    }
}
