//! Keeping rate limits on several nodes.
//!
//! Each node decides by its own meters, at once and without asking anybody, and tells the others what it
//! let through. What it hears enters its meters as if its own calls had used it, so that all meters come
//! to say the same. Until they do, each node lets through what it does not know to be used up: in any
//! stretch of time `t`, `n` nodes that hear one another within a time `d` let through no more than
//!
//! `burst + amount * t + (n - 1) * (burst + amount * d)`
//!
//! One of them alone lets through `burst + amount * t` of what it knows of, and it knows of all but what
//! each of the others let through in the last `d`. What was let through beyond the limit is owed, so it
//! does not add up.

use std::{collections::HashMap, time::Duration};

use super::{LimitKind, Meters, meter::Meter};
use crate::LimitId;

impl Meters {
    /// What calls of this node used of which limit since this was last asked, for the other nodes to hear;
    /// less than nothing where more was given back. Of parallel requests nothing is told.
    pub fn tell(&mut self) -> Vec<(LimitId, i64)> {
        if !std::mem::take(&mut self.has_news) {
            return Vec::new();
        }
        let told = self.rates().map(|meter| (meter.limit.id, meter.tell()));
        told.filter(|(_, units)| *units != 0).collect()
    }

    /// Calls of another node used so much of these limits.
    pub fn hear(&mut self, used: &[(LimitId, i64)], now: Duration) {
        let used: HashMap<_, _> = used.iter().copied().collect();
        for meter in self.rates() {
            if let Some(units) = used.get(&meter.limit.id) {
                meter.hear(*units, now);
            }
        }
    }

    fn rates(&mut self) -> impl Iterator<Item = &mut Meter> {
        self.by_scope.values_mut().flatten().filter(|meter| meter.limit.kind != LimitKind::Parallel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::properties::{CHAT, chain, meters, of_key};
    use proptest::prelude::*;

    const EXCHANGE: u64 = 100_000_000;
    const MINUTE: u128 = 60_000_000_000;

    #[test]
    fn what_one_node_lets_through_the_other_counts() {
        let limit = of_key(LimitKind::Tokens, 60, 60);
        let (mut one, mut other) = (meters(&[limit]), meters(&[limit]));
        let now = Duration::ZERO;
        let pass = one.admit(&chain(0), CHAT, 10, now).unwrap();
        assert_eq!(one.tell(), [(limit.id, 10)]);
        assert!(one.tell().is_empty());
        other.hear(&[(limit.id, 10)], now);
        assert_eq!(other.level(&limit, now).unwrap().used, 10);
        assert!(other.tell().is_empty(), "what was heard is not told again");
        // In the meantime half a second's went with the time; the rest of what was not used is given back.
        let later = Duration::from_millis(500);
        one.settle(&pass, 4, later);
        assert_eq!(one.tell(), [(limit.id, -6)]);
        other.hear(&[(limit.id, -6)], later);
        assert_eq!(other.level(&limit, later), one.level(&limit, later));
        let pass = one.admit(&chain(0), CHAT, 1, later).unwrap();
        one.settle(&pass, 90, later);
        other.hear(&one.tell(), later);
        assert!(other.admit(&chain(0), CHAT, 1, later).is_err(), "what is owed, all owe");
    }

    #[test]
    fn parallel_requests_are_not_told() {
        let limit = of_key(LimitKind::Parallel, 5, 5);
        let mut one = meters(&[limit]);
        let _ = one.admit(&chain(0), CHAT, 1, Duration::ZERO).unwrap();
        assert!(one.tell().is_empty());
        one.hear(&[(limit.id, 3)], Duration::ZERO);
        assert_eq!(one.level(&limit, Duration::ZERO).unwrap().used, 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        /// Nodes are called at any time, and each hears what the others told at the exchange before.
        #[test]
        fn together_they_let_no_more_through_than_one_burst_each_beyond_the_limit(
            (amount, burst) in (1..600_u64).prop_flat_map(|amount| (Just(amount), 1..=amount.min(20))),
            nodes in 1..5_usize,
            calls in prop::collection::vec((0..5_usize, 0..400_000_000_u64), 1..300),
        ) {
            let limit = of_key(LimitKind::Requests, amount, burst);
            let mut all = vec![meters(&[limit]); nodes];
            let (mut now, mut exchanged, mut passed) = (0, 0, Vec::<u64>::new());
            for (node, pause) in calls {
                // Every other call comes at once.
                now += pause.saturating_sub(200_000_000);
                while exchanged + EXCHANGE <= now {
                    exchanged += EXCHANGE;
                    let told: Vec<_> = all.iter_mut().map(Meters::tell).collect();
                    for (to, meters) in all.iter_mut().enumerate() {
                        let others = told.iter().enumerate().filter(|(from, _)| *from != to);
                        others.for_each(|(_, told)| meters.hear(told, Duration::from_nanos(exchanged)));
                    }
                }
                if all[node % nodes].admit(&chain(0), CHAT, 0, Duration::from_nanos(now)).is_ok() {
                    passed.push(now);
                }
            }
            let (burst, rate, others) = (u128::from(burst), u128::from(amount), nodes as u128 - 1);
            for (n, from) in passed.iter().enumerate() {
                for (m, to) in passed.iter().enumerate().skip(n) {
                    let time = u128::from(to - from);
                    let most = burst * MINUTE + rate * time + others * (burst * MINUTE + rate * u128::from(EXCHANGE));
                    prop_assert!((m - n + 1) as u128 * MINUTE <= most, "{} in {time} ns", m - n + 1);
                }
            }
        }
    }
}
