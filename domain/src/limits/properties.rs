//! Whatever happens in whatever order, the meters let no more pass than was decided on, and no less.

use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Level, Limit, LimitKind, Meters, Pass, Refused, whole_seconds};
use crate::{
    KeyId, LimitId, OrganizationId, TeamId,
    budgets::{Chain, Scope},
    keys::Environment,
    usage::Endpoint,
};

const MINUTE: u128 = 60_000_000_000;
pub(super) const CHAT: Endpoint = Endpoint::ChatCompletions;

pub(super) fn uuid(n: usize) -> Uuid {
    Uuid::from_u128(n as u128 + 1)
}

/// Keys of two teams of one organization.
pub(super) fn chain(key: usize) -> Chain {
    Chain {
        organization: OrganizationId::from_uuid(uuid(0)),
        team: Some(TeamId::from_uuid(uuid(key % 2))),
        parent_team: None,
        user: None,
        key: KeyId::from_uuid(uuid(key)),
        environment: Environment::Live,
    }
}

pub(super) fn limit(n: usize, scope: Scope, kind: LimitKind, amount: u64, burst: u64) -> Limit {
    let (id, environment) = (LimitId::from_uuid(uuid(n)), Environment::Live);
    Limit { id, scope, environment, endpoint: None, kind, amount, burst }
}

pub(super) fn of_key(kind: LimitKind, amount: u64, burst: u64) -> Limit {
    limit(0, Scope::Key(chain(0).key), kind, amount, burst)
}

pub(super) fn meters(limits: &[Limit]) -> Meters {
    let mut meters = Meters::default();
    meters.put(limits.iter().copied(), Duration::ZERO);
    meters
}

/// An amount and a burst that go together.
fn sizes(most: u64) -> impl Strategy<Value = (u64, u64)> {
    (1..=most).prop_flat_map(|amount| (Just(amount), 1..=amount))
}

/// Limits on a key, a team and the organization, of every kind.
fn limits() -> impl Strategy<Value = Vec<Limit>> {
    prop::collection::vec((sizes(40), any::<bool>()), 7).prop_map(|sizes| {
        let scopes = [
            Scope::Key(chain(0).key),
            Scope::Team(TeamId::from_uuid(uuid(1))),
            Scope::Organization(chain(0).organization),
        ];
        let places = scopes.into_iter().flat_map(|scope| LimitKind::ALL.iter().map(move |kind| (scope, *kind)));
        let made = places.zip(sizes).enumerate().filter(|(_, (_, (_, wanted)))| *wanted);
        made.map(|(n, ((scope, kind), ((amount, burst), _)))| {
            let burst = if kind == LimitKind::Parallel { amount } else { burst };
            limit(n, scope, kind, amount, burst)
        })
        .collect()
    })
}

#[derive(Debug, Clone)]
enum Step {
    Call { key: usize, tokens: u64 },
    Settle { call: usize, tokens: u64 },
    Cancel { call: usize },
    Wait { nanos: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let call = any::<prop::sample::Index>().prop_map(|index| index.index(16));
    prop_oneof![
        8 => (0..4_usize, 0..30_u64).prop_map(|(key, tokens)| Step::Call { key, tokens }),
        3 => (call.clone(), 0..60_u64).prop_map(|(call, tokens)| Step::Settle { call, tokens }),
        1 => call.prop_map(|call| Step::Cancel { call }),
        3 => (0..20_000_000_000_u64).prop_map(|nanos| Step::Wait { nanos }),
    ]
}

/// A call that was let through, and how it went on.
struct Call {
    chain: Chain,
    at: Duration,
    /// Those that were let in for it, as far as it used them.
    tokens: u64,
    /// None once it has ended.
    pass: Option<Pass>,
    cancelled: bool,
}

struct World {
    limits: Vec<Limit>,
    meters: Meters,
    now: Duration,
    calls: Vec<Call>,
}

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Wait { nanos } => self.now += Duration::from_nanos(nanos),
            Step::Call { key, tokens } => self.call(chain(key), tokens),
            Step::Settle { call, tokens } => {
                if let Some((n, pass)) = self.end(call) {
                    self.meters.settle(&pass, tokens, self.now);
                    self.calls[n].tokens = tokens.min(self.calls[n].tokens);
                }
            }
            Step::Cancel { call } => {
                if let Some((n, pass)) = self.end(call) {
                    self.meters.cancel(&pass, self.now);
                    self.calls[n].cancelled = true;
                }
            }
        }
    }

    fn end(&mut self, call: usize) -> Option<(usize, Pass)> {
        let open: Vec<usize> = (0..self.calls.len()).filter(|n| self.calls[*n].pass.is_some()).collect();
        let n = *open.get(call % open.len().max(1))?;
        Some((n, self.calls[n].pass.take()?))
    }

    fn call(&mut self, chain: Chain, tokens: u64) {
        let before = self.levels();
        match self.meters.admit(&chain, CHAT, tokens, self.now) {
            Ok(pass) => self.calls.push(Call { chain, at: self.now, tokens, pass: Some(pass), cancelled: false }),
            Err(refused) => {
                assert_eq!(self.levels(), before, "a refused call took something");
                self.waits_exactly(&chain, tokens, &refused);
            }
        }
    }

    fn waits_exactly(&self, chain: &Chain, tokens: u64, refused: &Refused) {
        let passes = |at: Duration| self.meters.clone().admit(chain, CHAT, tokens, at).is_ok();
        let Some(wait) = refused.wait else {
            assert!(!passes(self.now + Duration::from_secs(1_000_000)));
            return;
        };
        if refused.limit.kind != LimitKind::Parallel {
            let seconds = Duration::from_secs(whole_seconds(wait));
            assert!(!passes(self.now + seconds - Duration::from_secs(1)), "a second less would do");
            assert!(!passes(self.now + wait - Duration::from_nanos(1)), "a nanosecond less would do");
            // What is under way does not go with the time.
            assert!(passes(self.now + seconds) || self.parallel_is_full(chain), "a longer wait was needed");
        }
    }

    fn parallel_is_full(&self, chain: &Chain) -> bool {
        let mut above = self.meters.above(chain, CHAT, self.now);
        above.any(|(limit, level)| limit.kind == LimitKind::Parallel && level.remaining == 0)
    }

    fn levels(&self) -> Vec<Level> {
        self.limits.iter().map(|limit| self.meters.level(limit, self.now).unwrap()).collect()
    }

    /// In no stretch of time that ends now did more pass than was decided on.
    fn holds(&self) {
        for limit in &self.limits {
            let counted = self.calls.iter().filter(|call| !call.cancelled && call.chain.falls_under(limit.scope));
            if limit.kind == LimitKind::Parallel {
                let open = counted.filter(|call| call.pass.is_some()).count() as u64;
                assert!(open <= limit.amount, "{open} at once of {limit:?}");
                assert_eq!(self.meters.level(limit, self.now).unwrap().used, open);
                continue;
            }
            let mut passed = 0;
            for call in counted.collect::<Vec<_>>().into_iter().rev() {
                passed += if limit.kind == LimitKind::Requests { 1 } else { u128::from(call.tokens) };
                let time = (self.now - call.at).as_nanos();
                let allowed = u128::from(limit.burst) * MINUTE + time * u128::from(limit.amount);
                assert!(passed * MINUTE <= allowed, "{passed} in {time} ns of {limit:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_more_passes_than_was_decided_on(limits in limits(), steps in prop::collection::vec(step(), 1..120)) {
        let meters = meters(&limits);
        let mut world = World { limits, meters, now: Duration::ZERO, calls: Vec::new() };
        for step in steps {
            world.take(step);
            world.holds();
        }
    }

    #[test]
    fn whoever_comes_as_often_as_allowed_always_passes((amount, burst) in sizes(1_000_000_000), calls in 1..200_u64) {
        let mut meters = meters(&[of_key(LimitKind::Requests, amount, burst)]);
        for n in 0..calls {
            let at = Duration::from_nanos((u128::from(n) * MINUTE).div_ceil(u128::from(amount)) as u64);
            let pass = meters.admit(&chain(0), CHAT, 0, at);
            prop_assert!(pass.is_ok(), "call {n}: {pass:?}");
            meters.settle(&pass.unwrap(), 0, at);
        }
    }

    #[test]
    fn what_is_cancelled_was_never_there(
        (amount, burst) in sizes(1_000), (before, tokens) in (0..1_000_u64, 0..1_000_u64),
        (pause, wait) in (0..90_000_000_000_u64, 0..90_000_000_000_u64),
    ) {
        let limit = of_key(LimitKind::Tokens, amount, burst);
        let mut meters = meters(&[limit]);
        if let Ok(pass) = meters.admit(&chain(0), CHAT, before, Duration::ZERO) {
            meters.settle(&pass, before, Duration::ZERO);
        }
        let (at, end) = (Duration::from_nanos(pause), Duration::from_nanos(pause + wait));
        let without = meters.level(&limit, end);
        if let Ok(pass) = meters.admit(&chain(0), CHAT, tokens, at) {
            meters.cancel(&pass, end);
        }
        prop_assert_eq!(meters.level(&limit, end), without);
    }

    #[test]
    fn what_is_settled_counts_as_it_was_used(
        amount in 100..1_000_u64, reserved in 0..100_u64, used in 0..5_000_u64,
    ) {
        let limit = of_key(LimitKind::Tokens, amount, amount);
        let mut meters = meters(&[limit]);
        let pass = meters.admit(&chain(0), CHAT, reserved, Duration::ZERO).unwrap();
        meters.settle(&pass, used, Duration::ZERO);
        let level = meters.level(&limit, Duration::ZERO).unwrap();
        prop_assert_eq!((level.used, level.remaining), (used, amount.saturating_sub(used)));
        prop_assert_eq!(meters.admit(&chain(0), CHAT, 1, Duration::ZERO).is_ok(), used < amount);
    }
}
