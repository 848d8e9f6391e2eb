//! Sharing limits on parallel requests among nodes.
//!
//! What may be under way at once can't be made up for afterwards, so it is leased ahead, as money of hard
//! budgets is: a node lets through as many at once as it has slots, and never more slots are leased to all
//! nodes together than the limit allows.
//!
//! A node lowers what it lets through before it gives slots back, and raises it after they were leased to
//! it. So what it lets through is never more than what is leased to it, even where it does not hear
//! whether a lease was written.

use super::{Meters, Pass, meter::Meter};
use crate::{LimitId, budgets::Chain, usage::Endpoint};

/// How many requests may be under way at once, by where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Slots {
    /// On this node. Fewer than are under way where some are to be given back as calls end.
    pub(super) here: u64,
    /// How many are leased to it: never fewer.
    leased: u64,
    /// On the others, when that was last heard.
    pub(super) elsewhere: u64,
    /// Whether a call has wanted one lately.
    pub(super) touched: bool,
}

/// On which terms slots are leased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotTerms {
    /// The limit's amount.
    pub amount: u64,
    /// What is leased to the other nodes.
    pub elsewhere: u64,
    /// What is leased to this node.
    pub here: u64,
    /// How many nodes there are, this one included.
    pub nodes: u32,
}

impl SlotTerms {
    /// How many to lease to a node that needs so many more: these, and some ahead so that its next calls
    /// need not ask, but so few that there are as many for every other node, twice. All to a node that
    /// is alone.
    pub fn grant(&self, need: u64) -> u64 {
        let free = self.amount.saturating_sub(self.elsewhere.saturating_add(self.here));
        let ahead = if self.nodes > 1 { free / (2 * u64::from(self.nodes)) } else { free };
        need.max(ahead).min(free)
    }

    /// How many are leased beyond the amount, because it was lowered.
    pub fn beyond(&self) -> u64 {
        self.elsewhere.saturating_add(self.here).saturating_sub(self.amount)
    }
}

impl Meters {
    /// Meters of a node among others: no parallel requests pass before they are leased to it.
    pub fn shared() -> Self {
        Self { shared: true, ..Self::default() }
    }

    /// Whether a limit on parallel requests is above such calls.
    pub fn needs_slots(&self, chain: &Chain, endpoint: Endpoint) -> bool {
        self.meters(chain, endpoint).any(|meter| meter.slots.is_some())
    }

    /// Of which limits above a call this node has no slot left, though there may be some, and how many
    /// more it needs.
    pub fn lacking(&self, chain: &Chain, endpoint: Endpoint) -> Vec<(LimitId, u64)> {
        let lacks = |meter: &Meter| {
            let (here, needed) = (meter.slots?.here, meter.under_way() + 1);
            (here < needed && here < meter.limit.amount).then(|| (meter.limit.id, needed - here))
        };
        self.meters(chain, endpoint).filter_map(lacks).collect()
    }

    /// Gives back so many slots, as far as there are any. Answers how many this node is to have leased,
    /// when so many more are granted to it: no fewer than there are calls under way.
    pub fn to_lease(&mut self, id: LimitId, back: u64, granted: u64) -> u64 {
        let Some((slots, under_way)) = self.slots(id) else { return 0 };
        slots.here = slots.here.saturating_sub(back);
        let lease = slots.here.saturating_add(granted).max(under_way);
        slots.leased = lease.max(slots.leased);
        lease
    }

    /// So many are leased to this node now, which are so many more, and so many to the others.
    pub fn lend(&mut self, id: LimitId, leased: u64, granted: u64, elsewhere: u64) {
        if let Some((slots, _)) = self.slots(id) {
            *slots = Slots { here: slots.here.saturating_add(granted), leased, elsewhere, ..*slots };
        }
    }

    /// Another node needs so many slots. It gets half of those that are not in use here, or what it needs
    /// if that is more; where all are in use, one that a call leaves, as long as this node has more than
    /// its part. Answers whether any are given.
    pub fn give_way(&mut self, id: LimitId, need: u64, nodes: u32) -> bool {
        let part = self.parallel().find(|meter| meter.limit.id == id);
        let part = part.map_or(0, |meter| meter.limit.amount / u64::from(nodes.max(1)));
        let Some((slots, under_way)) = self.slots(id) else { return false };
        let back = match slots.here.saturating_sub(under_way) {
            0 => u64::from(slots.here > part),
            unused => (unused / 2).max(need.min(unused)),
        };
        slots.here -= back;
        back > 0
    }

    /// Of which limits a call that has just ended leaves a slot that is to be given back.
    pub fn leaves(&self, pass: &Pass) -> Vec<LimitId> {
        let scopes = pass.chain.scopes().filter_map(|scope| self.by_scope.get(&(scope, pass.chain.environment)));
        let owes = |meter: &&Meter| {
            let passed = || pass.on.iter().any(|(id, _)| *id == meter.limit.id);
            meter.slots.is_some_and(|slots| slots.leased > slots.here.max(meter.under_way())) && passed()
        };
        scopes.flatten().filter(owes).map(|meter| meter.limit.id).collect()
    }

    /// Gives back the slots of limits that no call has wanted since this was last asked, and answers
    /// which these are.
    pub fn give_back_idle(&mut self) -> Vec<LimitId> {
        let mut idle = Vec::new();
        for meter in self.parallel() {
            let under_way = meter.under_way();
            let Some(slots) = &mut meter.slots else { continue };
            if !std::mem::take(&mut slots.touched) && slots.here > under_way {
                slots.here = under_way;
                idle.push(meter.limit.id);
            }
        }
        idle
    }

    /// The limits of which this node has slots.
    pub fn leased(&mut self) -> Vec<LimitId> {
        let leased = self.parallel().filter(|meter| meter.slots.is_some_and(|slots| slots.here > 0));
        leased.map(|meter| meter.limit.id).collect()
    }

    /// How many slots the others have, as `of` says.
    pub fn note_elsewhere(&mut self, of: impl Fn(LimitId) -> u64) {
        for meter in self.parallel() {
            let id = meter.limit.id;
            meter.slots.iter_mut().for_each(|slots| slots.elsewhere = of(id));
        }
    }

    /// All slots are gone: another node may have what was this one's.
    pub fn lose_slots(&mut self) {
        self.parallel().filter_map(|meter| meter.slots.as_mut()).for_each(|slots| (slots.here, slots.leased) = (0, 0));
    }

    fn slots(&mut self, id: LimitId) -> Option<(&mut Slots, u64)> {
        let meter = self.parallel().find(|meter| meter.limit.id == id)?;
        let under_way = meter.under_way();
        Some((meter.slots.as_mut()?, under_way))
    }

    fn parallel(&mut self) -> impl Iterator<Item = &mut Meter> {
        self.by_scope.values_mut().flatten().filter(|meter| meter.slots.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::limits::{
        LimitKind,
        properties::{CHAT, chain, of_key},
    };
    use proptest::prelude::*;

    const NOW: Duration = Duration::ZERO;

    fn node(amount: u64) -> (LimitId, Meters) {
        let limit = of_key(LimitKind::Parallel, amount, amount);
        let mut meters = Meters::shared();
        meters.put([limit], NOW);
        (limit.id, meters)
    }

    #[test]
    fn some_are_leased_ahead_and_as_many_are_left_for_every_other_node_twice() {
        let terms = SlotTerms { amount: 100, elsewhere: 20, here: 0, nodes: 2 };
        assert_eq!([1, 30, 90].map(|need| terms.grant(need)), [20, 30, 80]);
        assert_eq!(SlotTerms { nodes: 1, elsewhere: 0, ..terms }.grant(1), 100, "who is alone has all");
        let lowered = SlotTerms { amount: 10, here: 5, ..terms };
        assert_eq!((lowered.grant(1), lowered.beyond()), (0, 15));
    }

    #[test]
    fn nothing_passes_that_is_not_leased_and_what_is_given_back_is_kept_until_its_call_ends() {
        let (id, mut meters) = node(4);
        assert!(meters.admit(&chain(0), CHAT, 0, NOW).is_err());
        assert_eq!(meters.lacking(&chain(0), CHAT), [(id, 1)]);
        meters.lend(id, 2, 2, 1);
        let first = meters.admit(&chain(0), CHAT, 0, NOW).unwrap();
        let _second = meters.admit(&chain(0), CHAT, 0, NOW).unwrap();
        let level = meters.admit(&chain(0), CHAT, 0, NOW).unwrap_err().level;
        assert_eq!((level.used, level.remaining), (3, 1), "another node's is as good as used");
        assert!(meters.leaves(&first).is_empty());
        assert!(!meters.give_way(id, 1, 2), "it has but its part");
        assert!(meters.give_way(id, 1, 3), "one of two is more than its part");
        assert_eq!(meters.to_lease(id, 0, 0), 2, "both are still under way");
        meters.settle(&first, 0, NOW);
        assert_eq!((meters.leaves(&first), meters.to_lease(id, 0, 0)), (vec![id], 1));
        assert!(meters.admit(&chain(0), CHAT, 0, NOW).is_err());
    }

    #[test]
    fn what_no_call_wants_is_given_back_and_what_is_lost_passes_nothing() {
        let (id, mut meters) = node(9);
        meters.lend(id, 9, 9, 0);
        let pass = meters.admit(&chain(0), CHAT, 0, NOW).unwrap();
        assert!(meters.give_back_idle().is_empty(), "a call came");
        assert!(meters.give_way(id, 1, 2));
        assert_eq!(meters.to_lease(id, 0, 0), 5, "half of eight are given");
        assert_eq!((meters.give_back_idle(), meters.to_lease(id, 0, 0)), (vec![id], 1));
        assert_eq!(meters.leased(), [id]);
        meters.lose_slots();
        meters.settle(&pass, 0, NOW);
        assert!(meters.admit(&chain(0), CHAT, 0, NOW).is_err());
        assert!(meters.leased().is_empty());
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Call(usize),
        End(usize),
        /// A node agrees with the database; it may not hear whether that was written.
        Agree(usize, bool),
        Ask(usize),
        Idle(usize),
        Change(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let node = || 0..3_usize;
        prop_oneof![
            6 => node().prop_map(Step::Call),
            4 => node().prop_map(Step::End),
            6 => (node(), any::<bool>()).prop_map(|(node, heard)| Step::Agree(node, heard)),
            2 => node().prop_map(Step::Ask),
            1 => node().prop_map(Step::Idle),
            1 => (1..9_u64).prop_map(Step::Change),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn no_more_are_under_way_than_the_limit_on_all_nodes_together(
            steps in prop::collection::vec(step(), 1..200),
        ) {
            let (id, meters) = node(5);
            let (mut nodes, mut passes) = ([(); 3].map(|()| meters.clone()), [(); 3].map(|()| Vec::new()));
            let (mut leased, mut amount, mut highest) = ([0_u64; 3], 5, 5);
            for step in steps {
                match step {
                    Step::Call(n) => passes[n].extend(nodes[n].admit(&chain(0), CHAT, 0, NOW)),
                    Step::End(n) => passes[n].pop().iter().for_each(|pass| nodes[n].settle(pass, 0, NOW)),
                    Step::Ask(n) => { nodes[n].give_way(id, 1, 3); }
                    Step::Idle(n) => { nodes[n].give_back_idle(); }
                    Step::Change(new) => {
                        (amount, highest) = (new, highest.max(new));
                        let limit = of_key(LimitKind::Parallel, amount, amount);
                        nodes.iter_mut().for_each(|meters| meters.put([limit], NOW));
                    }
                    Step::Agree(n, heard) => {
                        let elsewhere = leased.iter().sum::<u64>() - leased[n];
                        let terms = SlotTerms { amount, elsewhere, here: leased[n], nodes: 3 };
                        let need = nodes[n].lacking(&chain(0), CHAT).first().map_or(0, |(_, need)| *need);
                        let granted = if need > 0 { terms.grant(need) } else { 0 };
                        leased[n] = nodes[n].to_lease(id, terms.beyond(), granted);
                        if heard {
                            nodes[n].lend(id, leased[n], granted, elsewhere);
                        }
                    }
                }
                for (passes, leased) in passes.iter().zip(leased) {
                    prop_assert!(passes.len() as u64 <= leased, "more are under way than leased");
                }
                prop_assert!(leased.iter().sum::<u64>() <= highest);
            }
        }
    }
}
