//! Whatever happens in whatever order, the ledger agrees with a plain account of what happened.

use std::collections::HashMap;

use proptest::prelude::*;

use super::{Ask, Budget, Chain, Hold, Ledger, Period, Scope, Short};
use crate::{BudgetId, KeyId, Money, OrganizationId, TeamId, Timestamp, UserId, keys::Environment};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Reserve { key: usize, least: i64, extra: i64, pressed: bool },
    Settle { call: usize, percent: i64 },
    Release { call: usize },
    Put { budget: usize, amount: i64 },
    Remove { budget: usize },
    Move { key: usize, team: usize },
    Pass { hours: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let some = any::<proptest::sample::Index>().prop_map(|i| i.index(16));
    prop_oneof![
        6 => (0..4_usize, 1..50_i64, 0..200_i64, any::<bool>())
            .prop_map(|(key, least, extra, pressed)| Step::Reserve { key, least, extra, pressed }),
        5 => (some.clone(), 0..130_i64).prop_map(|(call, percent)| Step::Settle { call, percent }),
        1 => some.prop_map(|call| Step::Release { call }),
        2 => (0..6_usize, 0..1_000_i64).prop_map(|(budget, amount)| Step::Put { budget, amount }),
        1 => (0..6_usize).prop_map(|budget| Step::Remove { budget }),
        1 => (0..4_usize, 0..2_usize).prop_map(|(key, team)| Step::Move { key, team }),
        1 => (-5..40_i64).prop_map(|hours| Step::Pass { hours }),
    ]
}

struct Call {
    chain: Chain,
    hold: Hold,
    at: Timestamp,
}

/// What was spent, kept as plainly as possible: who, when, how much.
struct World {
    ledger: Ledger,
    now: Timestamp,
    latest: Timestamp,
    teams: [usize; 4],
    open: Vec<Call>,
    costs: Vec<(Chain, Timestamp, i64)>,
    budgets: HashMap<usize, Budget>,
    /// An identity is used once: a budget that is made again is another.
    made: usize,
}

fn uuid(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(n as u128 + 1)
}

impl World {
    fn new() -> Self {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        Self {
            ledger: Ledger::new("Europe/Berlin"),
            now,
            latest: now,
            teams: [0, 0, 1, 1],
            open: Vec::new(),
            costs: Vec::new(),
            budgets: HashMap::new(),
            made: 0,
        }
    }

    fn chain(&self, key: usize) -> Chain {
        Chain {
            organization: OrganizationId::from_uuid(uuid(0)),
            team: Some(TeamId::from_uuid(uuid(self.teams[key]))),
            parent_team: None,
            user: Some(UserId::from_uuid(uuid(key % 2))),
            key: KeyId::from_uuid(uuid(key)),
            environment: Environment::Live,
        }
    }

    fn budget(&mut self, number: usize, amount: i64) -> Budget {
        let id = self.budgets.get(&number).map(|budget| budget.id).unwrap_or_else(|| {
            self.made += 1;
            BudgetId::from_uuid(uuid(self.made))
        });
        let (scope, period) = match number {
            0 => (Scope::Organization(OrganizationId::from_uuid(uuid(0))), Period::Month),
            1 => (Scope::Team(TeamId::from_uuid(uuid(0))), Period::Day),
            2 => (Scope::Team(TeamId::from_uuid(uuid(1))), Period::Week),
            3 => (Scope::User(UserId::from_uuid(uuid(0))), Period::Day),
            4 => (Scope::Key(KeyId::from_uuid(uuid(0))), Period::Total),
            _ => (Scope::Organization(OrganizationId::from_uuid(uuid(0))), Period::Day),
        };
        Budget {
            id,
            scope,
            environment: Environment::Live,
            period,
            amount: Money::from_nanos(amount),
            hard: number != 5,
            since: "2026-11-01T00:00:00Z".parse().unwrap(),
        }
    }

    /// What the plain account says was spent in the present period of a budget.
    fn spent(&mut self, budget: &Budget) -> i64 {
        let window = self.ledger.window_of(budget, self.now);
        let counts =
            |(chain, at, _): &&(Chain, Timestamp, i64)| window.contains(*at) && chain.falls_under(budget.scope);
        self.costs.iter().filter(counts).map(|(_, _, cost)| cost).sum()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Reserve { key, least, extra, pressed } => self.reserve(key, least, extra, pressed),
            Step::Settle { call, percent } => {
                if self.open.is_empty() {
                    return;
                }
                let index = call % self.open.len();
                let Call { chain, hold, at } = self.open.swap_remove(index);
                let cost = hold.amount.nanos() * percent / 100;
                let _ = self.ledger.settle(&chain, &hold, at, Money::from_nanos(cost), self.now);
                self.costs.push((chain, at, cost));
            }
            Step::Release { call } => {
                if !self.open.is_empty() {
                    let index = call % self.open.len();
                    let call = self.open.swap_remove(index);
                    self.ledger.release(&call.hold);
                }
            }
            // A budget that is made while the clock is behind is told of what was spent ahead of it
            // when its next period begins, by whoever reads the books.
            Step::Put { budget, .. } if self.now < self.latest && !self.budgets.contains_key(&budget) => {}
            Step::Put { budget: number, amount } => {
                let budget = self.budget(number, amount);
                let spent = self.spent(&budget);
                self.ledger.put(budget, Money::from_nanos(spent), self.now);
                self.budgets.insert(number, budget);
            }
            Step::Remove { budget } => {
                if let Some(budget) = self.budgets.remove(&budget) {
                    self.ledger.remove(budget.id);
                }
            }
            Step::Move { key, team } => self.teams[key] = team,
            Step::Pass { hours } => {
                self.now = Timestamp::from_micros(self.now.micros() + hours * 3_600_000_000);
                self.latest = self.latest.max(self.now);
            }
        }
    }

    fn reserve(&mut self, key: usize, least: i64, extra: i64, pressed: bool) {
        let chain = self.chain(key);
        let ask = Ask { least: Money::from_nanos(least), most: Money::from_nanos(least + extra) };
        match self.ledger.reserve(&chain, ask, pressed, self.now) {
            Ok(hold) => {
                assert!(hold.amount >= ask.least && hold.amount <= ask.most);
                for balance in self.balances(&chain).into_iter().filter(|balance| balance.budget.hard) {
                    let total = balance.spent.nanos() + balance.held.nanos();
                    assert!(total <= balance.budget.amount.nanos(), "admitted beyond {balance:?}");
                }
                self.open.push(Call { chain, hold, at: self.now });
            }
            Err(Short::Spent(balance)) => {
                assert!(balance.budget.amount.nanos() - balance.spent.nanos() < least, "refused without need");
            }
            Err(Short::Held(balance)) => {
                assert!(balance.held > Money::ZERO, "asked to wait for nothing: {balance:?}");
            }
        }
    }

    fn balances(&mut self, chain: &Chain) -> Vec<super::Balance> {
        let ids = self.ledger.ids();
        let all: Vec<_> = ids.into_iter().filter_map(|id| self.ledger.balance(id, self.now)).collect();
        all.into_iter().filter(|balance| chain.falls_under(balance.budget.scope)).collect()
    }

    /// Nothing is lost, nothing is counted twice, nothing is negative.
    fn agrees(&mut self) {
        let budgets: Vec<Budget> = self.budgets.values().copied().collect();
        for budget in budgets {
            let plain = self.spent(&budget);
            let balance = self.ledger.balance(budget.id, self.now).unwrap();
            assert_eq!(balance.spent.nanos(), plain, "{balance:?}");
            let held: i64 = self.open.iter().map(|call| call.hold.on_for_test(budget.id, balance.window.start)).sum();
            assert_eq!(balance.held.nanos(), held, "{balance:?}");
            assert!(balance.remaining() >= Money::ZERO);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_agrees_with_what_happened(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.agrees();
        }
    }
}
