//! Sharing budgets among nodes.
//!
//! A node can ask the database before each call whether there is money for it, and be slow, or it can
//! take some ahead. It takes some ahead: a lease is money of a hard budget that one node alone may give
//! out to its calls. What is leased counts for all others as if it were spent, so that no number of
//! nodes spends more than the amount:
//!
//! `spent in the books + what is leased to all nodes <= amount`
//!
//! holds whenever money is leased, and each node holds for its calls no more than its lease. As a node's
//! calls come into the books its lease shrinks by what they had held of it, in the same transaction. A
//! node that vanishes keeps its lease until it comes back with its journal, or is retired.

use super::{
    Ask, Chain, Hold, Ledger,
    ledger::{Account, add},
};
use crate::{BudgetId, Money, Timestamp};

/// What of a budget is one node's to give out, in one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lease {
    /// What the database says is the node's.
    granted: Money,
    /// What of that is spent by calls that are not in the books yet.
    drawn: Money,
    /// Whether a call has wanted it lately.
    touched: bool,
}

impl Lease {
    /// What is left of it for calls to come, when so much is held for calls in flight.
    pub(super) fn unused(&self, held: Money) -> Money {
        less(less(self.granted, self.drawn), held)
    }

    pub(super) fn drawn(&self) -> Money {
        self.drawn
    }

    pub(super) fn touch(&mut self) {
        self.touched = true;
    }
}

/// On which terms money is leased: how a budget stands for all nodes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The budget's amount.
    pub amount: Money,
    /// What the books say is spent in the period.
    pub spent: Money,
    /// What is leased to the other nodes.
    pub elsewhere: Money,
    /// What is leased to this node.
    pub here: Money,
    /// How many nodes there are, this one included.
    pub nodes: u32,
}

impl Terms {
    /// What is neither spent nor leased. Less than nothing where the amount was lowered, or a call
    /// cost more than was held for it.
    pub fn free(&self) -> i64 {
        let taken = [self.spent, self.elsewhere, self.here];
        taken.iter().fold(self.amount.nanos(), |free, money| free.saturating_sub(money.nanos()))
    }

    /// What to lease to a node that needs so much: that, and some ahead so that its next calls need
    /// not ask, but so little that there is as much for every other node, twice.
    pub fn grant(&self, need: Money) -> Money {
        let free = self.free().max(0);
        let ahead = free / (2 * i64::from(self.nodes.max(1)));
        Money::from_nanos(need.nanos().max(ahead).min(free))
    }
}

impl Ledger {
    /// What the database says is leased to this node in the period that starts then. Nothing where
    /// the ledger is in another period by now.
    pub fn lease(&mut self, id: BudgetId, start: Timestamp, granted: Money) {
        if let Some(lease) = self.lease_of(id, start) {
            lease.granted = granted;
        }
    }

    /// All leases are gone: another node may have what was this one's.
    pub fn lose_leases(&mut self) {
        for account in self.accounts.values_mut() {
            account.lease = account.lease.map(|lease| Lease { granted: Money::ZERO, ..lease });
        }
    }

    /// Gives back what no call holds, all of it or up to `most`. From now on it is not given out; it is
    /// not another node's before the database says so.
    pub fn give_back(&mut self, id: BudgetId, most: Money) -> Money {
        let Some(account) = self.accounts.get_mut(&id) else { return Money::ZERO };
        let Some(lease) = &mut account.lease else { return Money::ZERO };
        let back = lease.unused(account.balance.held).min(most);
        lease.granted = less(lease.granted, back);
        back
    }

    /// What of a lease is neither held nor spent.
    pub fn unused(&self, id: BudgetId) -> Money {
        let account = self.accounts.get(&id);
        let lease = account.and_then(|account| Some((account.lease?, account.balance.held)));
        lease.map_or(Money::ZERO, |(lease, held)| lease.unused(held))
    }

    /// The leases of which something is left and nothing was wanted since this was last asked.
    pub fn idle(&mut self) -> Vec<BudgetId> {
        let mut idle = Vec::new();
        for (id, account) in &mut self.accounts {
            let Some(lease) = &mut account.lease else { continue };
            if !std::mem::take(&mut lease.touched) && lease.unused(account.balance.held) > Money::ZERO {
                idle.push(*id);
            }
        }
        idle
    }

    /// Which budgets above a call have too little leased to this node, and how much more is needed.
    pub fn lacking(&mut self, chain: &Chain, ask: Ask, now: Timestamp) -> Vec<(BudgetId, Money)> {
        let ids = self.above(chain, now);
        let leased = |id: &BudgetId| {
            let account = self.accounts.get(id)?;
            Some((*id, account.balance.unspent(), account.lease?.unused(account.balance.held)))
        };
        let leased: Vec<_> = ids.iter().filter_map(leased).collect();
        let want = leased.iter().fold(ask.most, |want, (_, unspent, _)| want.min(*unspent));
        leased.iter().filter(|(.., free)| *free < want).map(|(id, _, free)| (*id, less(want, *free))).collect()
    }

    /// Notes what settled calls have used up of the leases, until they are in the books.
    pub(super) fn draw(&mut self, used: &Hold) {
        for (id, start) in used.places() {
            match self.lease_of(id, start) {
                Some(lease) => lease.drawn = add(lease.drawn, used.amount),
                None => self.past(id, start, used.amount.nanos()),
            }
        }
    }

    /// A call that had used up so much is in the books now; the database's lease shrank with it.
    pub fn booked(&mut self, used: &Hold) {
        for (id, start) in used.places() {
            match self.lease_of(id, start) {
                Some(lease) => {
                    lease.granted = less(lease.granted, used.amount);
                    lease.drawn = less(lease.drawn, used.amount);
                }
                None => self.past(id, start, -used.amount.nanos()),
            }
        }
    }

    /// The start of the oldest period of a budget of whose lease calls of this node have not given
    /// back, or not booked, all that they held: older leases are done with.
    pub fn oldest(&self, id: BudgetId) -> Option<Timestamp> {
        let account = self.accounts.get(&id)?;
        let past = account.past.iter().map(|(start, _)| *start);
        past.chain([account.balance.window.start]).min()
    }

    fn past(&mut self, id: BudgetId, start: Timestamp, change: i64) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.past(start, change);
        }
    }

    fn lease_of(&mut self, id: BudgetId, start: Timestamp) -> Option<&mut Lease> {
        let account = self.accounts.get_mut(&id)?;
        account.lease.as_mut().filter(|_| account.balance.window.start == start)
    }
}

impl Account {
    /// Something happened to what was outstanding in a period that is over.
    pub(super) fn past(&mut self, start: Timestamp, change: i64) {
        let Some((_, outstanding)) = self.past.iter_mut().find(|(past, _)| *past == start) else { return };
        *outstanding = Money::from_nanos(outstanding.nanos().saturating_add(change));
        // What a call holds is used up before it is given back, so that nothing is missing in between.
        self.past.retain(|(_, outstanding)| *outstanding > Money::ZERO);
    }
}

/// The difference, and never less than nothing.
fn less(from: Money, what: Money) -> Money {
    Money::from_nanos(from.nanos().saturating_sub(what.nanos()).max(0))
}
