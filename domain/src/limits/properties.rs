//! Whatever happens in whatever order, the meters let no more pass than was decided on, and no less.

use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Level, Limit, LimitChanges, LimitKind, Meters, Pass, Refused, checked, whole_seconds};
use crate::{
    KeyId, LimitId, OrganizationId, TeamId,
    budgets::{Chain, Scope},
    keys::Environment,
    usage::Endpoint,
};

const MINUTE: u128 = 60_000_000_000;
const CHAT: Endpoint = Endpoint::ChatCompletions;
const EMBEDDINGS: Endpoint = Endpoint::Embeddings;

fn uuid(n: usize) -> Uuid {
    Uuid::from_u128(n as u128 + 1)
}

/// Keys of two teams of one organization.
fn chain(key: usize) -> Chain {
    Chain {
        organization: OrganizationId::from_uuid(uuid(0)),
        team: Some(TeamId::from_uuid(uuid(key % 2))),
        parent_team: None,
        user: None,
        key: KeyId::from_uuid(uuid(key)),
        environment: Environment::Live,
    }
}

fn limit(n: usize, scope: Scope, kind: LimitKind, amount: u64, burst: u64) -> Limit {
    let (id, environment) = (LimitId::from_uuid(uuid(n)), Environment::Live);
    Limit { id, scope, environment, endpoint: None, kind, amount, burst }
}

fn of_key(kind: LimitKind, amount: u64, burst: u64) -> Limit {
    limit(0, Scope::Key(chain(0).key), kind, amount, burst)
}

fn meters(limits: &[Limit]) -> Meters {
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

#[test]
fn a_whole_minute_s_may_come_at_once_and_then_one_at_a_time() {
    // Seven do not divide a minute.
    let mut meters = meters(&[of_key(LimitKind::Requests, 7, 7)]);
    for _ in 0..7 {
        let _ = meters.admit(&chain(0), CHAT, 0, Duration::ZERO).unwrap();
    }
    let refused = meters.admit(&chain(0), CHAT, 0, Duration::ZERO).unwrap_err();
    assert_eq!(refused.wait, Some(Duration::from_nanos(8_571_428_572)));
    assert_eq!((refused.level.used, refused.level.remaining), (7, 0));
    assert_eq!(refused.level.resets_in, Some(Duration::from_secs(60)));
}

#[test]
fn what_never_fits_is_named_before_what_takes_long() {
    let tokens = of_key(LimitKind::Tokens, 100, 10);
    let requests = Limit { id: LimitId::from_uuid(uuid(1)), ..of_key(LimitKind::Requests, 1, 1) };
    let mut meters = meters(&[tokens, requests]);
    let _ = meters.admit(&chain(0), CHAT, 10, Duration::ZERO).unwrap();
    let never = meters.admit(&chain(0), CHAT, 11, Duration::ZERO).unwrap_err();
    assert_eq!((never.limit.id, never.needs, never.wait), (tokens.id, 11, None));
    let longest = meters.admit(&chain(0), CHAT, 10, Duration::ZERO).unwrap_err();
    assert_eq!((longest.limit.id, longest.wait), (requests.id, Some(Duration::from_secs(60))));
}

#[test]
fn an_endpoint_s_own_limit_takes_the_place_of_the_one_for_all() {
    let all = of_key(LimitKind::Requests, 1, 1);
    let own = Limit { id: LimitId::from_uuid(uuid(1)), endpoint: Some(EMBEDDINGS), amount: 2, burst: 2, ..all };
    let organization = limit(2, Scope::Organization(chain(0).organization), LimitKind::Requests, 9, 9);
    let mut meters = meters(&[all, own, organization]);
    let mut passes = |endpoint| meters.admit(&chain(0), endpoint, 0, Duration::ZERO).is_ok();
    assert_eq!([EMBEDDINGS, EMBEDDINGS, EMBEDDINGS, CHAT, CHAT].map(&mut passes), [true, true, false, true, false]);
    let used = [all, own, organization].map(|limit| meters.level(&limit, Duration::ZERO).unwrap().used);
    assert_eq!(used, [1, 2, 3], "another scope's limit counts all");
    assert_eq!(meters.above(&chain(0), EMBEDDINGS, Duration::ZERO).count(), 2);
    assert_eq!(meters.above(&chain(1), EMBEDDINGS, Duration::ZERO).count(), 1);
}

#[test]
fn a_changed_limit_keeps_what_is_used_and_a_removed_one_lets_calls_go_on() {
    let (limit, parallel) =
        (of_key(LimitKind::Requests, 10, 10), limit(1, Scope::Key(chain(0).key), LimitKind::Parallel, 1, 1));
    let mut meters = meters(&[limit, parallel]);
    let pass = meters.admit(&chain(0), CHAT, 0, Duration::ZERO).unwrap();
    let more = limit.changed(LimitChanges { amount: Some(20), burst: None }).unwrap();
    meters.put([more, parallel], Duration::ZERO);
    let level = meters.level(&more, Duration::ZERO).unwrap();
    assert_eq!((level.used, level.remaining, more.burst), (1, 19, 20));
    assert!(meters.admit(&chain(0), CHAT, 0, Duration::ZERO).is_err(), "one is under way");
    meters.put([more], Duration::ZERO);
    assert!(meters.level(&parallel, Duration::ZERO).is_none());
    meters.settle(&pass, 5, Duration::ZERO);
    let _ = meters.admit(&chain(0), CHAT, 0, Duration::ZERO).unwrap();
    meters.put([], Duration::ZERO);
    assert!(meters.is_empty());
}

#[test]
fn amount_and_burst_go_together() {
    use LimitKind::{Parallel, Requests};
    assert_eq!(checked(Requests, 5, None), Ok(5));
    assert_eq!(checked(Requests, 5, Some(2)), Ok(2));
    assert_eq!(checked(Parallel, 5, None), Ok(5));
    let field = |kind, amount, burst| checked(kind, amount, burst).unwrap_err().field;
    for amount in [0, 1_000_000_001, u64::MAX] {
        assert_eq!(field(Requests, amount, None), "amount");
    }
    for burst in [0, 6] {
        assert_eq!(field(Requests, 5, Some(burst)), "burst");
    }
    assert_eq!(field(Parallel, 5, Some(5)), "burst");
    let change =
        |amount, burst| of_key(Requests, 10, 4).changed(LimitChanges { amount, burst }).map(|limit| limit.burst);
    assert_eq!(change(Some(20), None), Ok(4));
    assert_eq!(change(Some(3), None), Ok(3));
    assert_eq!(change(Some(3), Some(4)).unwrap_err().field, "burst");
}
