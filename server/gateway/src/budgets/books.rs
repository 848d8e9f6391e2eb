//! The ledgers of all organizations, in agreement with the database and with the journal.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{
    BudgetId, Clock, Money, OrganizationId, Timestamp,
    budgets::{Ask, Balance, Chain, Hold, Ledger, Short, Window},
};
use store::{Db, budgets::StoredBudget};
use tokio::{sync::Notify, time::Instant};

use crate::batch::Queue;

/// What all organizations may spend, have spent, and hold.
///
/// What was spent is what the books in the database say, and the settled calls that are still on
/// their way there. Both are looked at together by the task that takes them there, so that none is
/// missed and none is counted twice.
#[derive(Debug, Default)]
pub(crate) struct Books {
    ledgers: Mutex<HashMap<OrganizationId, Ledger>>,
    /// Whether there is any budget at all: most installations begin with none.
    any: AtomicBool,
    /// Whose budgets must be read anew.
    due: Mutex<BTreeSet<OrganizationId>>,
    /// Which budgets were passed, and when; not yet in the database.
    crossed: Mutex<Vec<(BudgetId, Timestamp)>>,
    /// Something that was held is free.
    freed: Notify,
}

impl Books {
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
    ) -> Result<Held, Short> {
        let until = Instant::now() + patience;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // From here on no news is missed.
            freed.as_mut().enable();
            let at = clock.now();
            match self.try_hold(&chain, ask, Instant::now() >= until, at) {
                Ok(hold) => return Ok(Held { books: self.clone(), chain, at, hold }),
                Err(Short::Held(_)) if Instant::now() < until => {
                    let _ = tokio::time::timeout_at(until, freed).await;
                }
                Err(short) => return Err(short),
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
    fn settle(&self, chain: &Chain, hold: &Hold, at: Timestamp, cost: Money, now: Timestamp, hand_on: impl FnOnce()) {
        let crossed = {
            let mut ledgers = self.lock();
            hand_on();
            match ledgers.get_mut(&chain.organization) {
                Some(ledger) => ledger.settle(chain, hold, at, cost, now),
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
        self.due().insert(organization);
    }

    /// It is not known whose budgets have changed.
    pub(crate) async fn all_changed(&self, db: &Db) -> store::Result<()> {
        let stored = db.read().await?.budgets().organizations().await?;
        let known: Vec<_> = self.lock().keys().copied().collect();
        self.due().extend(stored.into_iter().chain(known));
        Ok(())
    }

    /// Whether budgets must be read anew.
    pub(crate) fn is_due(&self) -> bool {
        !self.due().is_empty()
    }

    /// Reads the budgets that have changed, and what was spent of them. Only between two commits of
    /// the task that records events: nothing else moves what is in the queue into the database.
    pub(crate) async fn read_due(&self, db: &Db, queue: &Queue, clock: &Clock) {
        loop {
            let Some(organization) = self.due().first().copied() else { return };
            if let Err(error) = self.read(db, queue, organization, clock).await {
                tracing::warn!(%error, %organization, "budgets could not be read; they are tried again");
                return;
            }
            self.due().remove(&organization);
        }
    }

    async fn read(&self, db: &Db, queue: &Queue, organization: OrganizationId, clock: &Clock) -> store::Result<()> {
        let mut reader = db.read().await?;
        loop {
            let mut repository = reader.budgets();
            let zone = repository.zone(organization).await?;
            let stored = repository.list(organization).await?;
            let now = clock.now();
            let windows: Vec<_> = {
                let mut ledgers = self.lock();
                self.any.store(true, Ordering::Release);
                let ledger = ledgers.entry(organization).or_insert_with(|| Ledger::new(zone.as_str()));
                stored.iter().map(|stored| ledger.window_of(&stored.budget, now)).collect()
            };
            let mut spent = Vec::with_capacity(stored.len());
            for (stored, window) in stored.iter().zip(&windows) {
                let budget = &stored.budget;
                spent.push(repository.spent(organization, budget.scope, budget.environment, *window).await?);
            }
            let mut ledgers = self.lock();
            let Some(ledger) = ledgers.get_mut(&organization) else { continue };
            // A period may have ended meanwhile.
            let ended = |(stored, window): (&StoredBudget, &Window)| ledger.window_of(&stored.budget, now) != *window;
            if stored.iter().zip(&windows).any(ended) {
                continue;
            }
            let mut waiting = Vec::new();
            queue.each_waiting(|event| {
                if event.attribution.organization == organization {
                    waiting.push((Chain::of(event), event.at, event.cost));
                }
            });
            for ((stored, window), booked) in stored.iter().zip(&windows).zip(spent) {
                let budget = stored.budget;
                let counts = |(chain, at, _): &&(Chain, Timestamp, Money)| {
                    chain.environment == budget.environment && chain.falls_under(budget.scope) && window.contains(*at)
                };
                let on_its_way = waiting.iter().filter(counts).map(|(_, _, cost)| *cost);
                let spent = Money::sum(on_its_way.chain([booked])).unwrap_or(Money::from_nanos(i64::MAX));
                ledger.put(budget, spent, now);
                // It was passed by calls that an earlier process settled, or by a lower amount.
                if spent > budget.amount && stored.crossed_at.is_none_or(|at| !window.contains(at)) {
                    self.crossed().push((budget.id, now));
                }
            }
            for id in ledger.ids() {
                if stored.iter().all(|stored| stored.budget.id != id) {
                    ledger.remove(id);
                }
            }
            if ledger.is_empty() {
                ledgers.remove(&organization);
            }
            drop(ledgers);
            self.freed.notify_waiters();
            return Ok(());
        }
    }

    /// A panic while a lock is held leaves ledgers that are whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<OrganizationId, Ledger>> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn crossed(&self) -> MutexGuard<'_, Vec<(BudgetId, Timestamp)>> {
        self.crossed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn due(&self) -> MutexGuard<'_, BTreeSet<OrganizationId>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Books what the call did cost, and hands it on to the database.
    pub(crate) fn settle(mut self, cost: Money, now: Timestamp, hand_on: impl FnOnce()) {
        let hold = self.hold.take().unwrap_or(Hold::none());
        self.books.settle(&self.chain, &hold, self.at, cost, now, hand_on);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(hold) = self.hold.take() {
            self.books.release(&self.chain, &hold);
        }
    }
}
