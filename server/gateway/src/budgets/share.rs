//! Sharing budgets with other nodes: what this one needs of them, and what they need of it.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    BudgetId, Money, NodeId, OrganizationId, Timestamp,
    budgets::{Ask, Chain, Hold, Ledger},
};
use store::leases::Draw;
use tokio::time::Instant;

use super::{books::Books, due::Wish};

/// How long nobody asks the database again for more of a budget, however many calls wait for it.
const PACE: Duration = Duration::from_millis(10);

/// How soon a call that waits for another node's money asks for it again.
pub(super) const AGAIN: Duration = Duration::from_millis(50);

/// Calls wait for more of a budget to be leased to this node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanting {
    /// Since when the one does that has waited longest.
    since: Instant,
    /// When one last said so.
    last: Instant,
}

impl Wanting {
    fn is_over(&self) -> bool {
        self.last.elapsed() > 4 * AGAIN
    }
}

impl Books {
    /// Asks for what a call needs and this node was not leased; answers whether there is anything to
    /// ask for.
    pub(super) fn want(&self, chain: &Chain, ask: Ask, since: Instant, now: Timestamp) -> bool {
        if self.node.is_none() {
            return false;
        }
        let lacking = self.lock().get_mut(&chain.organization).map(|ledger| ledger.lacking(chain, ask, now));
        let lacking = lacking.unwrap_or_default();
        for (budget, need) in &lacking {
            let mut wanting = self.wanting();
            let known = wanting.get(budget).filter(|wanting| !wanting.is_over());
            if known.is_some_and(|known| known.last.elapsed() < PACE) {
                continue;
            }
            let since = known.map_or(since, |known| known.since.min(since));
            wanting.insert(*budget, Wanting { since, last: Instant::now() });
            self.agenda().one(chain.organization, *budget, Wish { need: *need, ..Wish::default() });
            self.queue.wake();
        }
        !lacking.is_empty()
    }

    /// A call was served; whoever still waits says so again.
    pub(super) fn served(&self, hold: Option<&Hold>) {
        if self.node.is_none() {
            return;
        }
        let mut wanting = self.wanting();
        for (budget, _) in hold.into_iter().flat_map(Hold::places) {
            wanting.remove(&budget);
        }
    }

    /// For how long calls of this node have waited for more of a budget.
    pub(super) fn waited(&self, budget: BudgetId) -> Duration {
        let wanting = self.wanting().get(&budget).copied();
        wanting.filter(|wanting| !wanting.is_over()).map_or(Duration::ZERO, |wanting| wanting.since.elapsed())
    }

    /// Another node needs so much of a budget. It gets half of what is not used here, or what it needs
    /// if that is more; but where both need the last of it, whose calls have waited longer has it first,
    /// so that it does not go to and fro between them.
    pub(crate) fn asked(
        &self,
        by: NodeId,
        organization: OrganizationId,
        budget: BudgetId,
        need: Money,
        waited: Duration,
    ) {
        if self.node.as_ref().is_none_or(|node| node.id == by) {
            return;
        }
        let unused = self.lock().get(&organization).map_or(Money::ZERO, |ledger| ledger.unused(budget));
        if unused == Money::ZERO || self.waited(budget) > waited {
            return;
        }
        let half = Money::from_nanos(unused.nanos() / 2);
        self.agenda().one(organization, budget, Wish { back: half.max(need.min(unused)), ..Wish::default() });
        self.queue.wake();
    }

    /// Looks for what is leased to this node and not used, so that it can be given back; now and then.
    pub(crate) fn return_idle(&self) {
        self.wanting().retain(|_, wanting| !wanting.is_over());
        if self.node.as_ref().is_none_or(|node| node.count() < 2) {
            return;
        }
        let idle: Vec<_> = self.lock().iter_mut().map(|(id, ledger)| (*id, ledger.idle())).collect();
        for (organization, budgets) in idle {
            for budget in budgets {
                let back = Money::from_nanos(i64::MAX);
                self.agenda().one(organization, budget, Wish { back, ..Wish::default() });
                self.queue.wake();
            }
        }
    }

    /// Another process may have what was leased to this node.
    pub(crate) fn lose_leases(&self) {
        let organizations: Vec<_> = {
            let mut ledgers = self.lock();
            ledgers.values_mut().for_each(Ledger::lose_leases);
            ledgers.keys().copied().collect()
        };
        self.agenda().extend(organizations);
        self.queue.wake();
    }

    /// Other nodes' calls of these organizations, or of any, came into the books: what was spent of
    /// their soft budgets is more than this ledger knows.
    pub(crate) fn others_spent(&self, organizations: Option<&[OrganizationId]>) {
        if self.node.as_ref().is_none_or(|node| node.count() < 2) {
            return;
        }
        let is_meant = |id: &OrganizationId| organizations.is_none_or(|some| some.contains(id));
        let soft: Vec<_> = {
            let ledgers = self.lock();
            let meant = ledgers.iter().filter(|(id, _)| is_meant(id));
            meant.flat_map(|(id, ledger)| ledger.soft().into_iter().map(|budget| (*id, budget))).collect()
        };
        for (organization, budget) in soft {
            self.agenda().one(organization, budget, Wish::default());
        }
    }

    /// What settled calls have used up of the leases, by lease.
    pub(crate) fn draws<'a>(&self, used: impl Iterator<Item = (OrganizationId, &'a Hold)>) -> Vec<Draw> {
        let mut sums: BTreeMap<(BudgetId, Timestamp), (OrganizationId, Money)> = BTreeMap::new();
        for (organization, hold) in used {
            for place in hold.places() {
                let (_, sum) = sums.entry(place).or_insert((organization, Money::ZERO));
                *sum = Money::from_nanos(sum.nanos().saturating_add(hold.amount.nanos()));
            }
        }
        let ledgers = self.lock();
        let held = |id, organization| ledgers.get(&organization).map_or(Money::ZERO, |ledger| ledger.held(id));
        let draw = |((budget, start), (organization, amount))| Draw {
            budget,
            start,
            amount,
            held: held(budget, organization),
        };
        sums.into_iter().map(draw).collect()
    }

    /// These calls are in the books.
    pub(crate) fn booked<'a>(&self, used: impl Iterator<Item = (OrganizationId, &'a Hold)>) {
        let mut ledgers = self.lock();
        for (organization, hold) in used {
            if let Some(ledger) = ledgers.get_mut(&organization) {
                ledger.booked(hold);
            }
        }
    }
}
