use super::{Budget, Lease, Scope, Window};
use crate::{
    BudgetId, KeyId, Map, Money, OrganizationId, TeamId, Timestamp, UserId,
    keys::Environment,
    usage::{Attribution, UsageEvent},
};

/// Under whose budgets a call falls: what its key was attributed to when the call was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The organization.
    pub organization: OrganizationId,
    /// The team of the key.
    pub team: Option<TeamId>,
    /// The team above that one.
    pub parent_team: Option<TeamId>,
    /// The owner of the key.
    pub user: Option<UserId>,
    /// The key.
    pub key: KeyId,
    /// The environment of the key.
    pub environment: Environment,
}

impl Chain {
    /// Under whose budgets a recorded call fell.
    pub fn of(event: &UsageEvent) -> Self {
        let Attribution { organization, team, parent_team, user, key, .. } = event.attribution;
        Self { organization, team, parent_team, user, key, environment: event.environment }
    }

    /// Whether a budget of that scope is above the call.
    pub fn falls_under(&self, scope: Scope) -> bool {
        self.scopes().any(|own| own == scope)
    }

    /// Whose budgets and limits bound the call.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        let Self { organization, team, parent_team, user, key, environment: _ } = *self;
        let teams = [team, parent_team].into_iter().flatten().map(Scope::Team);
        let above = teams.chain(user.map(Scope::User));
        above.chain([Scope::Organization(organization), Scope::Key(key)])
    }
}

/// How much a call wants to be allowed to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// What it costs at the least to be of any use.
    pub least: Money,
    /// What it costs at the most.
    pub most: Money,
}

/// Money that a call in flight may spend: it is taken off every hard budget above the call until the
/// call is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a hold that is not settled keeps its money for ever"]
pub struct Hold {
    /// How much, on each.
    pub amount: Money,
    /// On which budgets, and in which of their periods.
    on: Vec<(BudgetId, Timestamp)>,
}

impl Hold {
    /// The hold of a call that was admitted without one.
    pub const fn none() -> Self {
        Self { amount: Money::ZERO, on: Vec::new() }
    }

    /// Whether any budget is affected at all.
    pub fn is_free(&self) -> bool {
        self.on.is_empty()
    }

    /// What a call that held this and cost so much has used up of it. What it cost beyond that was
    /// never set apart for it.
    pub fn used(mut self, cost: Money) -> Self {
        self.amount = self.amount.min(cost);
        self
    }

    /// On which budgets, and in which of their periods, named by their start.
    pub fn places(&self) -> impl Iterator<Item = (BudgetId, Timestamp)> {
        self.on.iter().copied()
    }
}

/// How a budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The budget.
    pub budget: Budget,
    /// Its present period.
    pub window: Window,
    /// What calls that are settled have cost in this period.
    pub spent: Money,
    /// What calls in flight may still cost.
    pub held: Money,
}

impl Balance {
    /// What is neither spent nor held; never less than nothing.
    pub fn remaining(&self) -> Money {
        Money::from_nanos(self.unspent().nanos().saturating_sub(self.held.nanos()).max(0))
    }

    /// What is not spent, whether it is held or not; never less than nothing.
    pub fn unspent(&self) -> Money {
        Money::from_nanos(self.budget.amount.nanos().saturating_sub(self.spent.nanos()).max(0))
    }
}

/// Why nothing could be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Short {
    /// So much is spent that the call does not fit any more.
    Spent(Balance),
    /// The call would fit if calls in flight cost less than they may: it is worth waiting.
    Held(Balance),
}

impl Short {
    /// The budget that the call did not fit.
    pub fn balance(&self) -> &Balance {
        match self {
            Self::Spent(balance) | Self::Held(balance) => balance,
        }
    }
}

/// The budgets of one organization, and how they stand.
///
/// Where several nodes share the budgets, each has a ledger of its own, which gives out only what is
/// leased to its node: see [`Lease`](super::Lease).
///
/// Invariants, whatever the order of what happens:
/// - `held` of a budget is the sum of the holds on its present period that are not settled.
/// - When a hold is given, `spent + held` of every hard budget in its chain is at most the amount.
///   Only a call that costs more than was held, a lowered amount, or a budget that is made while calls
///   are in flight can lead beyond it.
/// - A cost counts in the period that its call was admitted in.
#[derive(Debug, Clone)]
pub struct Ledger {
    zone: String,
    shared: bool,
    pub(super) accounts: Map<BudgetId, Account>,
    by_scope: Map<(Scope, Environment), Vec<BudgetId>>,
}

#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) balance: Balance,
    /// What of it is this node's to give out in the present period; none where all of it is.
    pub(super) lease: Option<Lease>,
    /// What calls hold, or have used up and is not in the books, of leases in periods that are over.
    pub(super) past: Vec<(Timestamp, Money)>,
    /// Costs of calls that were admitted after the present period, while the clock was ahead.
    ahead: Vec<(Timestamp, Money)>,
}

impl Account {
    /// What can be held now.
    fn free(&self) -> Money {
        let remaining = self.balance.remaining();
        self.lease.map_or(remaining, |lease| remaining.min(lease.unused(self.balance.held)))
    }
}

impl Ledger {
    /// No budgets yet. `zone` is the organization's time zone.
    pub fn new(zone: impl Into<String>) -> Self {
        Self { zone: zone.into(), shared: false, accounts: Map::default(), by_scope: Map::default() }
    }

    /// The same for one of several nodes, which gives out only what is leased to it.
    pub fn shared(zone: impl Into<String>) -> Self {
        Self { shared: true, ..Self::new(zone) }
    }

    /// Whether there is any budget.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The present period of a budget: the one in which it stands, or would stand if it were in force.
    pub fn window_of(&mut self, budget: &Budget, now: Timestamp) -> Window {
        match self.balance(budget.id, now) {
            Some(balance) if balance.budget.period == budget.period => balance.window,
            _ => budget.period.window(now, &self.zone, budget.since),
        }
    }

    /// Puts a budget in force, or changes one that is. What is held on it stays held.
    ///
    /// `spent` is what was spent in the period that [`Ledger::window_of`] answers for `now`.
    pub fn put(&mut self, budget: Budget, spent: Money, now: Timestamp) {
        let window = self.window_of(&budget, now);
        let (held, lease, past, ahead) = match self.take(budget.id) {
            Some(Account { balance, lease, past, ahead }) if balance.window == window => {
                (balance.held, lease, past, ahead)
            }
            _ => (Money::ZERO, None, Vec::new(), Vec::new()),
        };
        let lease = (self.shared && budget.hard).then(|| lease.unwrap_or_default());
        let balance = Balance { budget, window, spent, held };
        self.accounts.insert(budget.id, Account { balance, lease, past, ahead });
        self.by_scope.entry((budget.scope, budget.environment)).or_default().push(budget.id);
    }

    /// Takes a budget out of force. Calls in flight go on.
    pub fn remove(&mut self, id: BudgetId) {
        self.take(id);
    }

    fn take(&mut self, id: BudgetId) -> Option<Account> {
        let account = self.accounts.remove(&id)?;
        let place = (account.balance.budget.scope, account.balance.budget.environment);
        if let Some(ids) = self.by_scope.get_mut(&place) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_scope.remove(&place);
            }
        }
        Some(account)
    }

    /// The budgets in force.
    pub fn ids(&self) -> Vec<BudgetId> {
        self.accounts.keys().copied().collect()
    }

    /// The budgets in force that refuse nothing.
    pub fn soft(&self) -> Vec<BudgetId> {
        let soft = self.accounts.values().filter(|account| !account.balance.budget.hard);
        soft.map(|account| account.balance.budget.id).collect()
    }

    /// What calls in flight hold of a budget.
    pub fn held(&self, id: BudgetId) -> Money {
        self.accounts.get(&id).map_or(Money::ZERO, |account| account.balance.held)
    }

    /// How a budget stands.
    pub fn balance(&mut self, id: BudgetId, now: Timestamp) -> Option<Balance> {
        self.roll(id, now);
        self.accounts.get(&id).map(|account| account.balance)
    }

    /// Holds money for a call on every hard budget above it, all or nothing.
    ///
    /// It holds the most that the call can cost, or, where no budget has that much left even after
    /// all calls in flight, as much as there is: then the call must be kept from costing more.
    ///
    /// # Errors
    /// When the call does not fit a budget. With `pressed`, a call takes what is free now rather than
    /// hear that waiting is worth it.
    pub fn reserve(&mut self, chain: &Chain, ask: Ask, pressed: bool, now: Timestamp) -> Result<Hold, Short> {
        let ids = self.above(chain, now);
        let hard = |id: &BudgetId| self.accounts.get(id).filter(|account| account.balance.budget.hard);
        let mut want = ask.most;
        let mut free = ask.most;
        for account in ids.iter().filter_map(hard) {
            if account.balance.unspent() < ask.least {
                return Err(Short::Spent(account.balance));
            }
            want = want.min(account.balance.unspent());
            free = free.min(account.free());
        }
        let amount = if free >= want {
            want
        } else if pressed && free >= ask.least {
            free
        } else {
            let tightest = ids.iter().filter_map(hard).min_by_key(|account| account.free());
            return tightest.map_or(Ok(Hold { amount: want, on: Vec::new() }), |tight| Err(Short::Held(tight.balance)));
        };
        let mut on = Vec::new();
        for id in ids {
            let Some(Account { balance, lease, .. }) = self.accounts.get_mut(&id) else { continue };
            if !balance.budget.hard {
                continue;
            }
            balance.held = add(balance.held, amount);
            if let Some(lease) = lease {
                lease.touch();
            }
            on.push((id, balance.window.start));
        }
        Ok(Hold { amount, on })
    }

    /// Ends a hold without cost: the call was never forwarded.
    pub fn release(&mut self, hold: &Hold) {
        for (id, start) in &hold.on {
            let Some(account) = self.accounts.get_mut(id) else { continue };
            if account.balance.window.start == *start {
                let held = account.balance.held.nanos() - hold.amount.nanos();
                account.balance.held = Money::from_nanos(held.max(0));
            } else {
                account.past(*start, -hold.amount.nanos());
            }
        }
    }

    /// Books what a call did cost, and ends its hold. `at` is when the call was admitted. Answers the
    /// budgets that this cost made pass their amount.
    pub fn settle(&mut self, chain: &Chain, hold: &Hold, at: Timestamp, cost: Money, now: Timestamp) -> Vec<Balance> {
        let ids = self.above(chain, now);
        // In this order, so that nothing of it is given back before it is noted as used up.
        self.draw(&hold.clone().used(cost));
        self.release(hold);
        let mut crossed = Vec::new();
        for id in ids {
            let Some(Account { balance, ahead, .. }) = self.accounts.get_mut(&id) else { continue };
            if !balance.window.contains(at) {
                if at >= balance.window.start {
                    ahead.push((at, cost));
                }
                continue;
            }
            let before = balance.spent;
            balance.spent = add(before, cost);
            if before <= balance.budget.amount && balance.spent > balance.budget.amount {
                crossed.push(*balance);
            }
        }
        crossed
    }

    /// The budgets above a call, each in its present period.
    pub(super) fn above(&mut self, chain: &Chain, now: Timestamp) -> Vec<BudgetId> {
        let scopes = chain.scopes();
        let ids: Vec<BudgetId> =
            scopes.filter_map(|scope| self.by_scope.get(&(scope, chain.environment))).flatten().copied().collect();
        for id in &ids {
            self.roll(*id, now);
        }
        ids
    }

    /// Begins a new period when the present one is over. A clock that steps back begins none: the
    /// money of a period is not given out twice.
    fn roll(&mut self, id: BudgetId, now: Timestamp) {
        let Some(Account { balance, lease, past, ahead }) = self.accounts.get_mut(&id) else { return };
        if balance.window.end.is_none_or(|end| now < end) {
            return;
        }
        let window = balance.budget.period.window(now, &self.zone, balance.budget.since);
        let early = ahead.iter().filter(|(at, _)| window.contains(*at));
        let spent = early.fold(Money::ZERO, |spent, (_, cost)| add(spent, *cost));
        ahead.retain(|(at, _)| window.end.is_some_and(|end| *at >= end));
        if let Some(lease) = lease {
            let outstanding = add(balance.held, lease.drawn());
            if outstanding > Money::ZERO {
                past.push((balance.window.start, outstanding));
            }
            *lease = Lease::default();
        }
        *balance = Balance { window, spent, held: Money::ZERO, ..*balance };
    }
}

/// A sum that can't be held in the type is as good as the largest: both refuse every further call.
pub(super) fn add(one: Money, other: Money) -> Money {
    Money::from_nanos(one.nanos().saturating_add(other.nanos()))
}

#[cfg(test)]
impl Hold {
    /// What it holds on that period of a budget.
    pub(super) fn on_for_test(&self, id: BudgetId, start: Timestamp) -> i64 {
        if self.on.contains(&(id, start)) { self.amount.nanos() } else { 0 }
    }
}
