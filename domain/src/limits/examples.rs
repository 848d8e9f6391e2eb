//! How limits are meant, by example.

use std::time::Duration;

use super::{
    Limit, LimitChanges, LimitKind, Refused, checked,
    properties::{CHAT, chain, limit, meters, of_key, uuid},
};
use crate::{LimitId, budgets::Scope, usage::Endpoint};

const EMBEDDINGS: Endpoint = Endpoint::Embeddings;

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
fn what_others_count_refuses_as_what_is_counted_here() {
    use super::PARTS;
    let requests = of_key(LimitKind::Requests, 60, 10);
    let parallel = Limit { id: LimitId::from_uuid(uuid(1)), ..of_key(LimitKind::Parallel, 2, 2) };
    let refused = |requests_used, under_way| Refused::of_counts([(requests, requests_used), (parallel, under_way)], 0);
    assert_eq!(refused(9 * PARTS, PARTS), None);
    let full = refused(9 * PARTS, 2 * PARTS).unwrap();
    assert_eq!((full.limit.id, full.level.used, full.level.remaining), (parallel.id, 2, 0));
    let soon = refused(9 * PARTS + 1, PARTS).unwrap();
    assert_eq!((soon.limit.id, soon.wait), (requests.id, Some(Duration::from_nanos(16_667))));
    assert_eq!(refused(12 * PARTS, 2 * PARTS).unwrap().limit.id, requests.id, "that takes longer");
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
