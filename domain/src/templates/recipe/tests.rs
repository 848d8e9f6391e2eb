use uuid::Uuid;

use super::*;
use crate::keys::{KeyStatus, NewRules};

const NOW: Timestamp = Timestamp::from_micros(1_000);
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

fn id() -> TemplateId {
    TemplateId::from_uuid(Uuid::from_u128(3))
}

fn recipe(json: &str) -> Recipe {
    let recipe: Recipe = serde_json::from_str(json).unwrap();
    recipe.check().unwrap();
    recipe
}

fn draft(json: &str) -> KeyDraft {
    serde_json::from_str(json).unwrap()
}

fn full(locked: &str) -> Recipe {
    recipe(&format!(
        r#"{{"environment":"live","stage":"production","rules":{{"models":["gpt-4o*"],"ips":["10.0.0.0/8"]}},
        "limits":[{{"kind":"requests_per_minute","amount":60}}],
        "budget":{{"amount":"50","period":"month"}},"expires_in_days":30,"locked":[{locked}]}}"#
    ))
}

const ALL: &str = r#""environment","stage","models","endpoints","ips","limits","budget","expiry""#;

#[test]
fn what_is_absent_is_filled_in() {
    let recipe = full(ALL);
    let key = recipe.apply(id(), 2, draft(r#"{"name":"checkout","labels":{"a":"b"}}"#), NOW).unwrap();
    assert_eq!((key.template, key.environment), (Some((id(), 2)), Environment::Live));
    assert_eq!(key.labels.iter().collect::<Vec<_>>(), [("a", "b"), ("stage", "production")]);
    assert_eq!((&key.rules, &key.limits, key.budget), (&recipe.rules, &recipe.limits, recipe.budget));
    assert_eq!(key.expires_at, Some(NOW.plus(DAY * 30)));
}

#[test]
fn what_is_locked_cant_be_other_and_what_is_open_can() {
    let others = [
        (r#""environment":"test""#, "environment"),
        (r#""labels":{"stage":"staging"}"#, "labels"),
        (r#""rules":{"models":["*"]}"#, "models"),
        (r#""rules":{"endpoints":["embeddings"]}"#, "endpoints"),
        (r#""rules":{"ips":[]}"#, "ips"),
        (r#""limits":[]"#, "limits"),
        (r#""budget":null"#, "budget"),
        (r#""expires_at":null"#, "expires_at"),
    ];
    for (other, field) in others {
        let draft = draft(&format!(r#"{{"name":"checkout",{other}}}"#));
        assert_eq!(full(ALL).apply(id(), 1, draft.clone(), NOW).unwrap_err().field, field);
        full("").apply(id(), 1, draft, NOW).unwrap();
    }
    let open = draft(r#"{"name":"k","rules":{"ips":[]},"limits":[],"budget":null,"expires_at":null}"#);
    let key = full("").apply(id(), 1, open, NOW).unwrap();
    assert_eq!((key.limits.len(), key.budget, key.expires_at, key.rules.ips().len()), (0, None, None, 0));
    assert_eq!(key.rules.models().len(), 1, "a list that is not given is the template's");
    let same = NewRules::from(full("").rules);
    let repeated = KeyDraft { rules: same, environment: Some(Environment::Live), ..draft(r#"{"name":"k"}"#) };
    full(ALL).apply(id(), 1, repeated, NOW).unwrap();
}

#[test]
fn what_is_required_must_be_said() {
    let wants = recipe(
        r#"{"environment":"test","names":"checkout-*",
        "required":{"description":true,"owner":true,"team":true,"labels":["cost-center"]}}"#,
    );
    let owner = crate::UserId::from_uuid(Uuid::from_u128(1));
    let team = crate::TeamId::from_uuid(Uuid::from_u128(2));
    let given = |json: &str| KeyDraft { owner_id: Some(owner), team_id: Some(team), ..draft(json) };
    let good = given(r#"{"name":"checkout-1","description":"shop","labels":{"cost-center":"7"}}"#);
    wants.apply(id(), 1, good.clone(), NOW).unwrap();
    for (bad, field) in [
        (KeyDraft { name: "search-1".parse().unwrap(), ..good.clone() }, "name"),
        (KeyDraft { description: Default::default(), ..good.clone() }, "description"),
        (KeyDraft { owner_id: None, ..good.clone() }, "owner_id"),
        (KeyDraft { team_id: None, ..good.clone() }, "team_id"),
        (KeyDraft { labels: Labels::default(), ..good }, "labels"),
    ] {
        assert_eq!(wants.apply(id(), 1, bad, NOW).unwrap_err().field, field);
    }
}

#[test]
fn a_recipe_that_no_key_can_be_made_by_is_refused() {
    for (part, field) in [
        (r#""limits":[{"kind":"parallel_requests","amount":2,"burst":1}]"#, "limits"),
        (r#""limits":[{"kind":"parallel_requests","amount":2},{"kind":"parallel_requests","amount":3}]"#, "limits"),
        (r#""budget":{"amount":"-1","period":"month"}"#, "budget"),
        (r#""expires_in_days":0"#, "expires_in_days"),
        (r#""rotate_every_days":4000"#, "rotate_every_days"),
        (r#""required":{"labels":["Not A Label"]}"#, "required"),
    ] {
        let recipe: Recipe = serde_json::from_str(&format!(r#"{{"environment":"test",{part}}}"#)).unwrap();
        assert_eq!(recipe.check().unwrap_err().field, field, "{part}");
    }
    assert!(serde_json::from_str::<Recipe>(r#"{"environment":"test","locked":["colour"]}"#).is_err());
    assert!(draft(r#"{"name":"k"}"#).plain().is_err_and(|wrong| wrong.field == "environment"));
}

fn fields() -> KeyFields {
    KeyFields {
        environment: Environment::Live,
        status: KeyStatus::Active,
        owner_id: None,
        team_id: None,
        labels: Labels::default(),
        expires_at: None,
        rules: Rules::default(),
        template: None,
        secret_made_at: NOW,
        rotation_due_at: None,
        limits: Vec::new(),
        budgets: Vec::new(),
    }
}

#[test]
fn limits_and_budget_are_held_where_they_are_locked() {
    let own = |json: &str| serde_json::from_str::<KeyLimit>(json).unwrap();
    let spending = |amount: &str, period: &str| RunningBudget {
        budget: serde_json::from_value(serde_json::json!({"amount": amount, "period": period})).unwrap(),
        since: NOW,
    };
    let key = KeyFields {
        limits: vec![own(r#"{"kind":"tokens_per_minute","amount":9}"#)],
        budgets: vec![spending("1", "month"), spending("2", "total")],
        ..fields()
    };
    let held = full(ALL).hold(id(), 1, &key, NOW.plus(DAY)).unwrap();
    assert_eq!(held.limits, full(ALL).limits);
    assert_eq!(held.budgets, [spending("50", "month")], "the month's goes on with what was spent of it");
    let open = full("").hold(id(), 1, &key, NOW).unwrap();
    assert_eq!((open.limits, open.budgets), (key.limits, key.budgets));
}

#[test]
fn a_rotation_is_due_so_long_after_the_secret_was_made() {
    let every = |days: u32| Recipe { rotate_every_days: Some(days), ..full("") };
    let made = every(7).apply(id(), 1, draft(r#"{"name":"k"}"#), NOW).unwrap();
    assert_eq!(made.rotate_every_days, Some(7));
    let hold = |recipe: &Recipe, due| {
        let key = KeyFields { rotation_due_at: due, ..fields() };
        recipe.hold(id(), 1, &key, NOW.plus(DAY * 2)).unwrap().rotation_due_at
    };
    assert_eq!(hold(&every(7), None), Some(NOW.plus(DAY * 7)));
    assert_eq!(hold(&every(7), Some(NOW.plus(DAY * 90))), Some(NOW.plus(DAY * 7)));
    assert_eq!(hold(&full(""), Some(NOW.plus(DAY * 90))), None, "the template wants none any more");
    for recipe in [every(90), full("")] {
        assert_eq!(hold(&recipe, Some(NOW.plus(DAY))), Some(NOW.plus(DAY)), "what is due stays due");
    }
}

#[test]
fn a_key_is_held_to_what_is_locked_only() {
    let held = full(ALL).hold(id(), 2, &fields(), NOW).unwrap();
    assert_eq!((&held.rules, held.template), (&full(ALL).rules, Some((id(), 2))));
    assert_eq!(held.labels.iter().collect::<Vec<_>>(), [("stage", "production")]);
    assert_eq!(held.expires_at, Some(NOW.plus(DAY * 30)));
    assert_eq!(full(ALL).hold(id(), 2, &held, NOW.plus(DAY)), Err(Reason::SameTemplate), "an end is not put off");
    let sooner = KeyFields { expires_at: Some(NOW.plus(DAY)), ..fields() };
    assert_eq!(full(ALL).hold(id(), 2, &sooner, NOW).unwrap().expires_at, sooner.expires_at);
    let open = full("").hold(id(), 2, &fields(), NOW).unwrap();
    assert_eq!(open, KeyFields { template: Some((id(), 2)), ..fields() });
    let test = KeyFields { environment: Environment::Test, ..fields() };
    assert_eq!(full(ALL).hold(id(), 2, &test, NOW), Err(Reason::OtherEnvironment));
}
