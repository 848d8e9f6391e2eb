//! Several nodes, one database, and all that can go wrong between them.
//!
//! Each node has a ledger, a journal that survives it, and a clock of its own. What it asks of the
//! database may not arrive, or its answer may not. Nodes crash and come back. Whatever happens: no
//! budget is overspent, and in the end every call is in the books once.
//!
//! A run is repeatable from its seed. `TURNPIKE_SEEDS` says how many are tried, `TURNPIKE_SEED` which
//! one alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ask, Budget, Chain, Hold, Ledger, Period, Scope, Short, Terms, Window};
use crate::{BudgetId, KeyId, Money, OrganizationId, TeamId, Timestamp, keys::Environment};

const STEPS: usize = 160;
const ZONE: &str = "Europe/Berlin";
/// Seconds before midnight.
const BEGINNING: &str = "2026-10-24T21:59:50Z";

/// Splitmix64: repeatable, and quick.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

fn id(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(n as u128 + 1)
}

fn money(nanos: i64) -> Money {
    Money::from_nanos(nanos)
}

fn chain(key: usize) -> Chain {
    Chain {
        organization: OrganizationId::from_uuid(id(0)),
        team: Some(TeamId::from_uuid(id(key % 2))),
        parent_team: None,
        user: None,
        key: KeyId::from_uuid(id(key)),
        environment: Environment::Live,
    }
}

/// A call, as the journal has it.
#[derive(Clone)]
struct Call {
    chain: Chain,
    at: Timestamp,
    hold: Hold,
    /// Once it has ended.
    cost: Option<i64>,
}

#[derive(Default)]
struct Database {
    budgets: Vec<Budget>,
    /// The books: which call cost what, when, under whose budgets.
    events: BTreeMap<usize, (Chain, Timestamp, i64)>,
    leases: BTreeMap<(usize, BudgetId, Timestamp), i64>,
}

impl Database {
    fn spent(&self, budget: &Budget, window: Window) -> i64 {
        let counts =
            |(chain, at, _): &&(Chain, Timestamp, i64)| chain.falls_under(budget.scope) && window.contains(*at);
        self.events.values().filter(counts).map(|(_, _, cost)| cost).sum()
    }

    fn leased(&self, budget: BudgetId, start: Timestamp, to: impl Fn(usize) -> bool) -> i64 {
        let meant = |((node, id, from), _): &(&(usize, BudgetId, Timestamp), &i64)| {
            *id == budget && *from == start && to(*node)
        };
        self.leases.iter().filter(meant).map(|(_, amount)| amount).sum()
    }
}

struct Node {
    /// How far its clock is off.
    skew: i64,
    /// Nothing while it is down.
    ledger: Option<Ledger>,
    journal: BTreeMap<usize, Call>,
    wanted: BTreeMap<BudgetId, i64>,
}

impl Node {
    fn now(&self, world: Timestamp) -> Timestamp {
        Timestamp::from_micros(world.micros() + self.skew)
    }
}

/// How a question to the database went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    /// It was done, and the node does not know.
    Unanswered,
    Lost,
}

struct World {
    dice: Dice,
    now: Timestamp,
    nodes: Vec<Node>,
    database: Database,
    /// The largest amount that was in force, by budget and period: what was admitted then stays.
    highest: BTreeMap<(BudgetId, Timestamp), i64>,
    /// What calls cost beyond what they held; a provider's fault, and not the ledger's.
    overcharged: i64,
    calls: usize,
    truth: BTreeMap<usize, (Chain, Timestamp, i64)>,
    admitted: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let now: Timestamp = BEGINNING.parse().unwrap();
        let scopes = [
            (Scope::Organization(OrganizationId::from_uuid(id(0))), Period::Day),
            (Scope::Team(TeamId::from_uuid(id(0))), Period::Week),
            (Scope::Key(KeyId::from_uuid(id(1))), Period::Total),
        ];
        let budget = |(n, (scope, period)): (usize, (Scope, Period))| Budget {
            id: BudgetId::from_uuid(id(n)),
            scope,
            environment: Environment::Live,
            period,
            amount: money(1 + dice.below(2_000) as i64),
            hard: true,
            since: now,
        };
        let budgets = scopes.into_iter().enumerate().map(budget).collect();
        let nodes = (0..2 + dice.below(3) as usize).map(|_| Node {
            skew: dice.below(20_000_000) as i64 - 10_000_000,
            ledger: Some(Ledger::shared(ZONE)),
            journal: BTreeMap::new(),
            wanted: BTreeMap::new(),
        });
        let nodes = nodes.collect();
        let database = Database { budgets, ..Database::default() };
        let mut world = Self {
            dice,
            now,
            nodes,
            database,
            highest: BTreeMap::new(),
            overcharged: 0,
            calls: 0,
            truth: BTreeMap::new(),
            admitted: 0,
        };
        for node in 0..world.nodes.len() {
            world.agree(node, Fate::Answered);
        }
        world
    }

    fn fate(&mut self) -> Fate {
        match self.dice.below(10) {
            0 => Fate::Unanswered,
            1 => Fate::Lost,
            _ => Fate::Answered,
        }
    }

    fn step(&mut self) {
        let node = self.dice.below(self.nodes.len() as u64) as usize;
        if self.nodes[node].ledger.is_none() {
            if self.dice.chance(30) {
                self.start(node);
            }
            return;
        }
        let fate = self.fate();
        match self.dice.below(100) {
            0..35 => self.arrive(node),
            35..60 => self.finish(node),
            60..72 => self.record(node, fate),
            72..90 => self.agree(node, fate),
            90..94 => self.nodes[node].ledger = None,
            94..96 => self.change_amount(),
            _ => self.pass(),
        }
    }

    /// Often so little that a new day has begun on some nodes and not on others.
    fn pass(&mut self) {
        let most = if self.dice.chance(70) { 8_000_000 } else { 40_000_000_000 };
        self.now = Timestamp::from_micros(self.now.micros() + self.dice.below(most) as i64);
    }

    fn arrive(&mut self, node: usize) {
        let (key, least, pressed) = (self.dice.below(4) as usize, 1 + self.dice.below(30) as i64, self.dice.chance(30));
        let ask = Ask { least: money(least), most: money(least + self.dice.below(200) as i64) };
        let (chain, number) = (chain(key), self.calls);
        let node = &mut self.nodes[node];
        let at = node.now(self.now);
        let Some(ledger) = &mut node.ledger else { return };
        match ledger.reserve(&chain, ask, pressed, at) {
            Ok(hold) => {
                assert!(hold.amount >= ask.least && hold.amount <= ask.most);
                node.journal.insert(number, Call { chain, at, hold, cost: None });
                self.calls += 1;
                self.admitted += 1;
            }
            Err(Short::Held(_)) => {
                for (budget, need) in ledger.lacking(&chain, ask, at) {
                    node.wanted.insert(budget, need.nanos());
                }
            }
            Err(Short::Spent(_)) => {}
        }
    }

    /// A call ends. Mostly it costs less than it held.
    fn finish(&mut self, node: usize) {
        let (percent, now) = (self.dice.below(110) as i64, self.now);
        let Some((&number, _)) = self.nodes[node].journal.iter().find(|(_, call)| call.cost.is_none()) else { return };
        let node = &mut self.nodes[node];
        let (at, Some(ledger)) = (node.now(now), &mut node.ledger) else { return };
        let Some(call) = node.journal.get_mut(&number) else { return };
        let cost = call.hold.amount.nanos() * percent.max(0) / 100;
        self.overcharged += (cost - call.hold.amount.nanos()).max(0);
        let _ = ledger.settle(&call.chain, &call.hold, call.at, money(cost), at);
        call.cost = Some(cost);
        self.truth.insert(number, (call.chain, call.at, cost));
    }

    /// Takes ended calls into the books.
    fn record(&mut self, node: usize, fate: Fate) {
        if fate == Fate::Lost {
            return;
        }
        let ended = |(number, call): (&usize, &Call)| Some((*number, call.clone(), call.cost?));
        let batch: Vec<_> = self.nodes[node].journal.iter().filter_map(ended).collect();
        for (number, call, cost) in &batch {
            if self.database.events.insert(*number, (call.chain, call.at, *cost)).is_some() {
                continue;
            }
            let used = call.hold.clone().used(money(*cost));
            for (budget, start) in used.places() {
                if let Some(lease) = self.database.leases.get_mut(&(node, budget, start)) {
                    assert!(*lease >= used.amount.nanos(), "a call has used more than was leased");
                    *lease -= used.amount.nanos();
                }
            }
        }
        if fate == Fate::Unanswered {
            return;
        }
        let node = &mut self.nodes[node];
        for (number, call, cost) in batch {
            node.journal.remove(&number);
            if let Some(ledger) = &mut node.ledger {
                ledger.booked(&call.hold.used(money(cost)));
            }
        }
    }

    /// What the task does between two commits: for each budget in a transaction of its own.
    fn agree(&mut self, number: usize, fate: Fate) {
        // Before it says anything to the database it hears whether its last batch came through, for it
        // says it again until it does.
        self.record(number, Fate::Answered);
        let (idle, nodes) = (self.dice.chance(40), self.nodes.len() as u32);
        for index in 0..self.database.budgets.len() {
            let node = &mut self.nodes[number];
            let (now, Some(ledger)) = (node.now(self.now), &mut node.ledger) else { return };
            let budget = self.database.budgets[index];
            let window = ledger.window_of(&budget, now);
            let back = if idle { ledger.unused(budget.id).nanos() / (1 + self.dice.below(2) as i64) } else { 0 };
            let back = ledger.give_back(budget.id, money(back));
            let need = node.wanted.remove(&budget.id).unwrap_or(0);
            if fate == Fate::Lost {
                continue;
            }
            let place = (number, budget.id, window.start);
            let before = self.database.leases.get(&place).copied().unwrap_or(0);
            let terms = Terms {
                amount: budget.amount,
                spent: money(self.database.spent(&budget, window)),
                elsewhere: money(self.database.leased(budget.id, window.start, |other| other != number)),
                here: money((before - back.nanos()).max(0)),
                nodes,
            };
            let granted = if need > 0 { terms.grant(money(need)) } else { Money::ZERO };
            let leased = terms.here.nanos() + granted.nanos();
            self.database.leases.insert(place, leased);
            let oldest = ledger.oldest(budget.id).unwrap_or(window.start).min(window.start);
            self.database.leases.retain(|(n, id, start), _| (*n, *id) != (number, budget.id) || *start >= oldest);
            if granted > Money::ZERO {
                let all = terms.spent.nanos() + terms.elsewhere.nanos() + leased;
                assert!(all <= budget.amount.nanos(), "leased beyond {budget:?}");
            }
            let highest = self.highest.entry((budget.id, window.start)).or_default();
            *highest = budget.amount.nanos().max(*highest);
            if fate == Fate::Answered {
                ledger.put(budget, terms.spent, now);
                ledger.lease(budget.id, window.start, money(leased));
            }
        }
    }

    /// A process begins with what the one before it left in the journal.
    fn start(&mut self, number: usize) {
        let node = &mut self.nodes[number];
        for (id, call) in &mut node.journal {
            // Cut off: it is booked at what was held for it.
            let cost = *call.cost.get_or_insert(call.hold.amount.nanos());
            self.truth.insert(*id, (call.chain, call.at, cost));
        }
        self.record(number, Fate::Answered);
        self.database.leases.retain(|(node, ..), _| *node != number);
        self.nodes[number].ledger = Some(Ledger::shared(ZONE));
        self.nodes[number].wanted.clear();
        self.agree(number, Fate::Answered);
    }

    fn change_amount(&mut self) {
        let index = self.dice.below(self.database.budgets.len() as u64) as usize;
        self.database.budgets[index].amount = money(1 + self.dice.below(2_000) as i64);
    }

    /// What is spent and held, on all nodes together, is no more than was ever in force.
    fn check(&self) {
        for ((budget, start), highest) in &self.highest {
            let Some(known) = self.database.budgets.iter().find(|known| known.id == *budget) else { continue };
            let window = known.period.window(*start, ZONE, known.since);
            let counts = |chain: &Chain, at: &Timestamp| chain.falls_under(known.scope) && window.contains(*at);
            let ended: i64 =
                self.truth.values().filter(|(chain, at, _)| counts(chain, at)).map(|(.., cost)| cost).sum();
            let open = self.nodes.iter().flat_map(|node| node.journal.values()).filter(|call| call.cost.is_none());
            let held: i64 =
                open.filter(|call| counts(&call.chain, &call.at)).map(|call| call.hold.amount.nanos()).sum();
            assert!(
                ended + held <= highest + self.overcharged,
                "{ended} spent and {held} held of {highest}, {} of it overcharged",
                self.overcharged
            );
        }
    }

    /// Everything comes to its end: every call is in the books once, and nothing is leased.
    fn end(&mut self) {
        for node in 0..self.nodes.len() {
            self.start(node);
            self.record(node, Fate::Answered);
            self.database.leases.retain(|(other, ..), _| *other != node);
        }
        assert_eq!(self.database.events, self.truth, "the books are not what happened");
        assert_eq!(self.database.events.len(), self.calls);
        assert!(self.database.leases.is_empty());
    }
}

/// Answers how many calls were admitted.
fn run(seed: u64) -> usize {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step();
        world.check();
    }
    world.end();
    world.admitted
}

#[test]
fn nodes_never_overspend_whatever_happens_between_them() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("TURNPIKE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TURNPIKE_SEEDS").unwrap_or(500),
    };
    let (mut admitted, mut failed) = (0, BTreeSet::new());
    for seed in seeds.clone() {
        match std::panic::catch_unwind(|| run(seed)) {
            Ok(calls) => admitted += calls,
            Err(_) => drop(failed.insert(seed)),
        }
    }
    assert!(failed.is_empty(), "run again with TURNPIKE_SEED set to one of these: {failed:?}");
    assert!(admitted as u64 > 5 * (seeds.end - seeds.start), "only {admitted} calls were admitted: nothing was tried");
}
