//! Agreeing with the database on what was spent, and on what is leased to this node.
//!
//! One task does this, the one that takes settled calls into the books, between two of its commits:
//! nothing else moves what is in the queue into the database, or changes this node's leases.

use std::sync::atomic::Ordering;

use domain::{
    BudgetId, Clock, Money, OrganizationId, Timestamp,
    budgets::{Chain, Ledger, Terms, Window},
};
use store::{Db, Reader, budgets::StoredBudget, signals::Signal};

use super::{
    books::Books,
    due::{Due, Wish},
};
use crate::node::Node;

/// What the database says of a budget, in its present period.
struct Said {
    spent: Money,
    /// What is leased to this node, where nodes share the budget.
    leased: Option<Money>,
}

impl Books {
    /// Whether there is something to agree on.
    pub(crate) fn is_due(&self) -> bool {
        !self.agenda().is_empty()
    }

    /// Reads the budgets that have changed and what was spent of them, leases what calls need and gives
    /// back what others need.
    pub(crate) async fn read_due(&self, db: &Db, clock: &Clock) {
        loop {
            let Some((organization, due)) = self.agenda().take() else { return };
            if let Err(error) = self.agree(db, organization, &due, clock).await {
                tracing::warn!(%error, %organization, "budgets could not be read; they are tried again");
                self.agenda().put_back(organization, due);
                return;
            }
        }
    }

    async fn agree(&self, db: &Db, organization: OrganizationId, due: &Due, clock: &Clock) -> store::Result<()> {
        let mut reader = db.read().await?;
        loop {
            let zone = reader.budgets().zone(organization).await?;
            let all = reader.budgets().list(organization).await?;
            let meant: Vec<&StoredBudget> = all.iter().filter(|stored| due.concerns(stored.budget.id)).collect();
            let now = clock.now();
            let windows: Vec<Window> = self.with_ledger(organization, zone.as_str(), |ledger| {
                meant.iter().map(|stored| ledger.window_of(&stored.budget, now)).collect()
            });
            let mut said = Vec::with_capacity(meant.len());
            for (stored, window) in meant.iter().zip(&windows) {
                let wish = due.wish(stored.budget.id);
                said.push(self.ask(db, &mut reader, stored, *window, wish).await?);
            }
            if self.note(organization, &meant, &windows, &said, now) {
                self.forget_deleted(organization, &all);
                self.freed.notify_waiters();
                return Ok(());
            }
            // A period has ended meanwhile.
        }
    }

    fn with_ledger<T>(&self, organization: OrganizationId, zone: &str, look: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledgers = self.lock();
        self.any.store(true, Ordering::Release);
        let empty = if self.node.is_some() { Ledger::shared } else { Ledger::new };
        look(ledgers.entry(organization).or_insert_with(|| empty(zone)))
    }

    async fn ask(
        &self,
        db: &Db,
        reader: &mut Reader,
        stored: &StoredBudget,
        window: Window,
        wish: Wish,
    ) -> store::Result<Said> {
        let (organization, budget) = (stored.organization, &stored.budget);
        match &self.node {
            Some(node) if budget.hard => self.lease(db, node, stored, window, wish).await,
            node => {
                if let Some(node) = node {
                    let mut tx = db.begin().await?;
                    tx.leases().end(node.id, budget.id).await?;
                    tx.commit().await?;
                }
                let spent = reader.budgets().spent(organization, budget.scope, budget.environment, window).await?;
                Ok(Said { spent, leased: None })
            }
        }
    }

    /// Gives back what is wished, and leases what is needed. What is given back is not given out any
    /// more before the database has it.
    async fn lease(
        &self,
        db: &Db,
        node: &Node,
        stored: &StoredBudget,
        window: Window,
        wish: Wish,
    ) -> store::Result<Said> {
        let (organization, id, start) = (stored.organization, stored.budget.id, window.start);
        let (back, held, oldest) = match self.lock().get_mut(&organization) {
            Some(ledger) => (ledger.give_back(id, wish.back), ledger.held(id), ledger.oldest(id).unwrap_or(start)),
            None => (Money::ZERO, Money::ZERO, start),
        };
        let mut tx = db.begin().await?;
        let Some(StoredBudget { budget, .. }) = tx.budgets().get_for_update(organization, id).await? else {
            // It was deleted, which is going to be heard of.
            return Ok(Said { spent: Money::ZERO, leased: Some(Money::ZERO) });
        };
        let before = tx.leases().of_budget(node.id, id, start).await?;
        let spent = tx.budgets().spent(organization, budget.scope, budget.environment, window).await?;
        let here = Money::from_nanos(before.here.nanos().saturating_sub(back.nanos()).max(0));
        let terms = Terms { amount: budget.amount, spent, elsewhere: before.elsewhere, here, nodes: node.count() };
        let granted = if wish.need > Money::ZERO { terms.grant(wish.need) } else { Money::ZERO };
        let leased = Money::from_nanos(here.nanos().saturating_add(granted.nanos()));
        if leased != before.here {
            tx.leases().set(node.id, id, start, leased, held, oldest.min(start)).await?;
        }
        if granted < wish.need && before.elsewhere > Money::ZERO {
            let need = Money::from_nanos(wish.need.nanos() - granted.nanos());
            let (node, waited) = (node.id, self.waited(id));
            tx.signals().send(&Signal::Wanted { node, organization, budget: id, need, waited }).await?;
        }
        tx.commit().await?;
        self.make_room(organization, id, &terms);
        Ok(Said { spent, leased: Some(leased) })
    }

    /// The amount was lowered, or a call has cost more than was held for it: what is leased and not
    /// used is no longer there to be given out.
    fn make_room(&self, organization: OrganizationId, id: BudgetId, terms: &Terms) {
        let unused = self.lock().get(&organization).map_or(Money::ZERO, |ledger| ledger.unused(id));
        if terms.free() < 0 && unused > Money::ZERO {
            let back = Money::from_nanos(terms.free().saturating_neg());
            self.agenda().one(organization, id, Wish { back, ..Wish::default() });
        }
    }

    /// Notes what the database has said, together with what is on its way there. Answers whether that
    /// was possible: it is not where a period has ended since it was asked.
    fn note(
        &self,
        organization: OrganizationId,
        budgets: &[&StoredBudget],
        windows: &[Window],
        said: &[Said],
        now: Timestamp,
    ) -> bool {
        let mut ledgers = self.lock();
        let Some(ledger) = ledgers.get_mut(&organization) else { return false };
        let ended = |(stored, window): (&&StoredBudget, &Window)| ledger.window_of(&stored.budget, now) != *window;
        if budgets.iter().zip(windows).any(ended) {
            return false;
        }
        let mut waiting = Vec::new();
        self.queue.each_waiting(|event| {
            if event.attribution.organization == organization {
                waiting.push((Chain::of(event), event.at, event.cost));
            }
        });
        for ((stored, window), said) in budgets.iter().zip(windows).zip(said) {
            let budget = stored.budget;
            let counts = |(chain, at, _): &&(Chain, Timestamp, Money)| {
                chain.environment == budget.environment && chain.falls_under(budget.scope) && window.contains(*at)
            };
            let on_its_way = waiting.iter().filter(counts).map(|(_, _, cost)| *cost);
            let spent = Money::sum(on_its_way.chain([said.spent])).unwrap_or(Money::from_nanos(i64::MAX));
            ledger.put(budget, spent, now);
            if let Some(leased) = said.leased {
                ledger.lease(budget.id, window.start, leased);
            }
            // It was passed by calls of another process, or by a lower amount.
            if spent > budget.amount && stored.crossed_at.is_none_or(|at| !window.contains(at)) {
                self.crossed().push((budget.id, now));
            }
        }
        true
    }

    fn forget_deleted(&self, organization: OrganizationId, stored: &[StoredBudget]) {
        let mut ledgers = self.lock();
        let Some(ledger) = ledgers.get_mut(&organization) else { return };
        for id in ledger.ids() {
            if stored.iter().all(|stored| stored.budget.id != id) {
                ledger.remove(id);
            }
        }
        if ledger.is_empty() {
            ledgers.remove(&organization);
        }
    }
}
