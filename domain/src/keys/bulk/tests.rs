use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::keys::{Environment, Rules, RunningBudget};

const NOW: Timestamp = Timestamp::from_micros(1_000);

fn labels(names: &[&str]) -> Labels {
    let labels: BTreeMap<String, String> = names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
    labels.try_into().unwrap()
}

fn key(status: KeyStatus) -> KeyFields {
    KeyFields {
        environment: Environment::Live,
        status,
        owner_id: None,
        team_id: None,
        labels: labels(&["a"]),
        expires_at: Some(NOW),
        rules: Rules::default(),
        template: None,
        secret_made_at: NOW,
        rotation_due_at: None,
        limits: vec![limit(r#"{"kind":"parallel_requests","amount":3}"#)],
        budgets: vec![RunningBudget { budget: budget("5", "total"), since: NOW }],
    }
}

fn change(to: KeyFields) -> Verdict {
    Verdict::Change(Box::new(to))
}

fn limit(json: &str) -> KeyLimit {
    serde_json::from_str(json).unwrap()
}

fn budget(amount: &str, period: &str) -> KeyBudget {
    serde_json::from_value(serde_json::json!({"amount": amount, "period": period})).unwrap()
}

fn owner(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

/// Somebody who may change every key, or their own and their team's.
fn rights(all: bool) -> Rights {
    Rights { user: owner(7), teams: vec![team(7)], own: true, team: true, all }
}

fn team(n: u128) -> TeamId {
    TeamId::from_uuid(Uuid::from_u128(n))
}

fn all() -> Vec<BulkAction> {
    use BulkAction as A;
    vec![
        A::Enable,
        A::Disable,
        A::Revoke,
        A::ExtendExpiry { expires_at: Timestamp::from_micros(2_000) },
        A::SetOwner { owner_id: owner(1) },
        A::SetTeam { team_id: Some(team(2)) },
        A::AddLabels { labels: labels(&["b"]) },
        A::RemoveLabels { names: vec!["a".into(), "z".into()] },
        A::Rotate,
        A::SetLimit(limit(r#"{"kind":"requests_per_minute","amount":60,"burst":60}"#)),
        A::SetLimit(limit(r#"{"kind":"parallel_requests","amount":9}"#)),
        A::RemoveLimits,
        A::SetBudget(budget("7", "total")),
        A::SetBudget(budget("5", "day")),
        A::RemoveBudget,
        A::DeleteRevoked,
    ]
}

#[test]
fn nothing_happens_to_a_key_that_is_somebody_elses() {
    for action in all() {
        let verdict = action.decide(&key(KeyStatus::Disabled), &rights(false), None, NOW);
        assert_eq!(verdict, Verdict::Skip(Reason::NotYours), "{action:?}");
    }
}

#[test]
fn a_key_is_not_given_out_of_ones_hands() {
    let mine = KeyFields { owner_id: Some(owner(7)), ..key(KeyStatus::Active) };
    let teams = KeyFields { team_id: Some(team(7)), ..key(KeyStatus::Active) };
    let give = |action: BulkAction, key: &KeyFields| action.decide(key, &rights(false), None, NOW);
    let to_owner = |n| BulkAction::SetOwner { owner_id: owner(n) };
    let to_team = |n: Option<u128>| BulkAction::SetTeam { team_id: n.map(team) };
    let refused = Verdict::Skip(Reason::NotYoursToGive);
    assert_eq!(give(to_owner(1), &mine), refused);
    assert_eq!(give(to_owner(7), &teams), change(KeyFields { owner_id: Some(owner(7)), ..teams.clone() }));
    assert_eq!(give(to_team(Some(2)), &mine), refused);
    assert_eq!(give(to_team(Some(7)), &mine), change(KeyFields { team_id: Some(team(7)), ..mine.clone() }));
    assert_eq!(give(to_team(None), &teams), refused, "nobody's then, so not theirs either");
    let both = KeyFields { team_id: Some(team(7)), ..mine.clone() };
    assert_eq!(give(to_team(None), &both), change(mine));
}

#[test]
fn nothing_but_its_deletion_happens_to_a_revoked_key() {
    for action in all() {
        let expected = match action {
            BulkAction::DeleteRevoked => Verdict::Remove,
            BulkAction::Revoke => Verdict::Skip(Reason::AlreadyRevoked),
            _ => Verdict::Skip(Reason::Revoked),
        };
        assert_eq!(action.decide(&key(KeyStatus::Revoked), &rights(true), None, NOW), expected, "{action:?}");
    }
}

#[test]
fn an_action_done_twice_has_nothing_to_do_the_second_time() {
    for action in all() {
        let Verdict::Change(once) = action.decide(&key(KeyStatus::Disabled), &rights(true), None, NOW) else {
            // Disabled already, and not revoked.
            assert!(matches!(action, BulkAction::Disable | BulkAction::DeleteRevoked));
            continue;
        };
        assert_ne!(*once, key(KeyStatus::Disabled), "a change changes something");
        assert!(matches!(action.decide(&once, &rights(true), None, NOW), Verdict::Skip(_)), "{action:?}");
    }
}

#[test]
fn an_expiry_only_moves_later() {
    let extend = |to| BulkAction::ExtendExpiry { expires_at: Timestamp::from_micros(to) };
    let ends = |at: Option<i64>| KeyFields { expires_at: at.map(Timestamp::from_micros), ..key(KeyStatus::Active) };
    let decide = |to, at| extend(to).decide(&ends(at), &rights(true), None, NOW);
    assert_eq!(decide(3_000, Some(2_000)), change(ends(Some(3_000))));
    assert_eq!(decide(3_000, Some(500)), change(ends(Some(3_000))), "an expired key calls again");
    assert_eq!(decide(3_000, Some(3_000)), Verdict::Skip(Reason::ExpiresLater));
    assert_eq!(decide(3_000, None), Verdict::Skip(Reason::NeverExpires));
    assert_eq!(decide(1_000, Some(500)), Verdict::Skip(Reason::InThePast));
    assert!(extend(1_000).check(NOW).is_err() && extend(1_001).check(NOW).is_ok());
}

#[test]
fn a_rotation_that_is_due_already_is_not_asked_for_again() {
    let due = |at: Option<i64>| KeyFields { rotation_due_at: at.map(Timestamp::from_micros), ..key(KeyStatus::Active) };
    let ask = |key: &KeyFields| BulkAction::Rotate.decide(key, &rights(true), None, NOW);
    assert_eq!(ask(&due(None)), change(due(Some(1_000))));
    assert_eq!(ask(&due(Some(1_001))), change(due(Some(1_000))), "sooner than by its schedule");
    for past in [1_000, 7] {
        assert_eq!(ask(&due(Some(past))), Verdict::Skip(Reason::AlreadyDue));
    }
}

#[test]
fn a_limit_takes_the_place_of_one_of_its_kind_and_calls() {
    let set = |json: &str, key: &KeyFields| BulkAction::SetLimit(limit(json)).decide(key, &rights(true), None, NOW);
    let with = |limits: &[&str]| KeyFields {
        limits: limits.iter().map(|json| limit(json)).collect(),
        ..key(KeyStatus::Active)
    };
    let [all, three, four, one] = [
        r#"{"kind":"requests_per_minute","amount":9,"burst":2}"#,
        r#"{"kind":"parallel_requests","amount":3}"#,
        r#"{"kind":"parallel_requests","amount":4}"#,
        r#"{"kind":"parallel_requests","amount":3,"endpoint":"embeddings"}"#,
    ];
    assert_eq!(set(four, &with(&[all, three])), change(with(&[all, four])));
    assert_eq!(set(one, &with(&[all, three])), change(with(&[all, three, one])));
    assert_eq!(set(three, &with(&[all, three])), Verdict::Skip(Reason::SameLimit));
    assert_eq!(BulkAction::RemoveLimits.decide(&with(&[]), &rights(true), None, NOW), Verdict::Skip(Reason::NoLimits));
    let whole = r#"{"kind":"requests_per_minute","amount":9,"burst":9}"#;
    let Verdict::Change(changed) = set(whole, &with(&[all])) else { panic!("another burst is another limit") };
    assert_eq!(set(whole, &changed), Verdict::Skip(Reason::SameLimit), "a burst of the whole amount is none");
    for bad in [r#"{"kind":"parallel_requests","amount":0}"#, r#"{"kind":"parallel_requests","amount":3,"burst":1}"#] {
        assert!(BulkAction::SetLimit(limit(bad)).check(NOW).is_err(), "{bad}");
    }
}

#[test]
fn a_budget_of_the_same_period_goes_on_with_what_was_spent() {
    let was = key(KeyStatus::Active);
    let later = Timestamp::from_micros(3_600_000_000);
    let set = |amount: &str, period: &str| match BulkAction::SetBudget(budget(amount, period)).decide(
        &was,
        &rights(true),
        None,
        later,
    ) {
        Verdict::Change(is) => Ok(is.budgets),
        Verdict::Skip(reason) => Err(reason),
        Verdict::Remove => panic!("nothing is removed"),
    };
    let running = |amount, period, since| RunningBudget { budget: budget(amount, period), since };
    assert_eq!(set("7", "total"), Ok(vec![running("7", "total", NOW)]));
    assert_eq!(set("7", "day"), Ok(vec![running("7", "day", later), running("5", "total", NOW)]));
    assert_eq!(set("5", "total"), Err(Reason::SameBudget));
    let none = KeyFields { budgets: Vec::new(), ..was };
    assert_eq!(BulkAction::RemoveBudget.decide(&none, &rights(true), None, NOW), Verdict::Skip(Reason::NoBudget));
    assert!(BulkAction::SetBudget(budget("0", "day")).check(NOW).is_err());
}

#[test]
fn labels_are_bounded() {
    let many: Vec<String> = (0..32).map(|n| n.to_string()).collect();
    let full =
        KeyFields { labels: labels(&many.iter().map(String::as_str).collect::<Vec<_>>()), ..key(KeyStatus::Active) };
    let add = BulkAction::AddLabels { labels: labels(&["b"]) };
    assert_eq!(add.decide(&full, &rights(true), None, NOW), Verdict::Skip(Reason::TooManyLabels));
    let again = BulkAction::AddLabels { labels: labels(&["7"]) };
    assert_eq!(again.decide(&full, &rights(true), None, NOW), Verdict::Skip(Reason::SameLabels));
    assert!(BulkAction::AddLabels { labels: Labels::default() }.check(NOW).is_err());
    assert!(BulkAction::RemoveLabels { names: vec![] }.check(NOW).is_err());
}

#[test]
fn what_was_changed_can_be_taken_back_unless_somebody_changed_it_since() {
    let was = key(KeyStatus::Disabled);
    for action in all() {
        let Verdict::Change(is) = action.decide(&was, &rights(true), None, NOW) else { continue };
        let (before, after) = (was.unlike(&is), is.unlike(&was));
        let stored = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<KeyPatch>(&stored).unwrap(), before, "null and absent are told apart");
        if action == BulkAction::Revoke {
            assert_eq!(is.undo(&before, &after, &rights(true)), Verdict::Skip(Reason::Revoked));
            continue;
        }
        assert_eq!(is.undo(&before, &after, &rights(true)), change(was.clone()), "{action:?}");
        assert_eq!(is.undo(&before, &after, &rights(false)), Verdict::Skip(Reason::NotYours));
        assert_eq!(
            was.undo(&before, &after, &rights(true)),
            Verdict::Skip(Reason::ChangedSince),
            "somebody did it by hand"
        );
    }
    // A field that the action did not touch may have changed, and stays.
    let renamed = KeyFields { owner_id: Some(owner(9)), status: KeyStatus::Active, ..was.clone() };
    let (before, after) = (was.unlike(&key(KeyStatus::Active)), key(KeyStatus::Active).unlike(&was));
    let undone = KeyFields { owner_id: Some(owner(9)), ..was };
    assert_eq!(renamed.undo(&before, &after, &rights(true)), change(undone));
}

#[test]
fn a_request_names_its_keys_in_one_way() {
    let parse = |json: &str| serde_json::from_str::<BulkRequest>(json);
    let selection = |json: &str| parse(json).unwrap().selection();
    let id = "key_01h455vb4pex5vsknk084sn02q";
    let action = r#""action":{"type":"disable"}"#;
    assert!(selection(&format!("{{{action}}}")).is_err());
    assert!(selection(&format!(r#"{{{action},"filter":{{}},"ids":["{id}"]}}"#)).is_err());
    assert!(selection(&format!(r#"{{{action},"ids":[]}}"#)).is_err());
    assert!(selection(&format!(r#"{{{action},"filter":{{}}}}"#)).is_err(), "who bounds it?");
    assert!(selection(&format!(r#"{{{action},"filter":{{}},"dry_run":true}}"#)).is_ok());
    assert!(selection(&format!(r#"{{{action},"filter":{{"q":"a"}},"expected_count":3}}"#)).is_ok());
    let ids = selection(&format!(r#"{{{action},"ids":["{id}","{id}"]}}"#)).unwrap();
    assert_eq!(ids, Selection::Ids(vec![id.parse().unwrap()]));
    let misspelt = parse(&format!(r#"{{{action},"filter":{{"statuss":"active"}},"expected_count":3}}"#));
    assert!(misspelt.unwrap_err().to_string().contains("statuss"));
    let bound = r#"{"type":"set_limit","kind":"parallel_requests","amount":3}"#;
    assert!(parse(&format!(r#"{{"action":{bound},"ids":["{id}"]}}"#)).is_ok());
    for bad in
        [r#"{"type":"set_budget","amount":"1","period":"day","colour":"red"}"#, r#"{"type":"set_limit","amount":1}"#]
    {
        assert!(parse(&format!(r#"{{"action":{bad},"ids":["{id}"]}}"#)).is_err(), "{bad}");
    }
    for bad in [r#"{"type":"paint"}"#, r#"{"type":"set_team"}"#, r#"{"type":"disable","when":"now"}"#] {
        assert!(parse(&format!(r#"{{"action":{bad},"ids":["{id}"]}}"#)).is_err(), "{bad}");
    }
}
