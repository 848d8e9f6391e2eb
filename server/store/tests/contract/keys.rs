use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use domain::{
    KeyId, Money, Timestamp,
    keys::{
        Asked, Environment, KeyColumn, KeyCursor, KeyFacts, KeyFilter, KeyQuery, KeySort, KeyStatus, Labels, Rules,
    },
    secrets::{Secret, SecretHash},
};
use store::{
    Db,
    keys::{Key, KeyPage, OldSecret},
};

use crate::support::{Tenant, World};

contract! {
    every_field_comes_back
    another_organizations_key_is_not_found
    the_gateways_snapshot_names_the_whole_chain
    an_update_writes_what_can_change_and_nothing_else
    a_revoked_key_stays_revoked
    reading_for_an_update_makes_others_wait
    any_filter_finds_what_its_rule_says
    any_order_has_pages_without_gap_or_repeat
    a_search_is_literal_and_knows_no_case
    labels_are_found_by_their_parts
    a_secret_and_an_organization_are_checked_by_the_database
    a_replaced_secret_stands_for_its_key_until_its_time_is_over
    only_the_last_old_secret_goes_on
    the_last_use_of_an_old_secret_never_goes_back
    a_secret_is_old_once
}

async fn every_field_comes_back(db: &Db) {
    let world = World::new(1);
    let full = world.tenant(db, "Acme").await;
    let bare = world.key(&full.organization, "日本語 – ключ");
    let bound = Key {
        description: "<b>Für</b> \"den\" Laden\nund 'mehr'".parse().unwrap(),
        rules: rules(r#"{"models":["gpt-4o*","sandbox/*"],"endpoints":["embeddings"],"ips":["10.0.0.0/8","::1"]}"#),
        ..world.key(&full.organization, "bound")
    };
    let ended = Key {
        environment: Environment::Test,
        status: KeyStatus::Revoked,
        expires_at: Some(world.now()),
        last_used_at: Some(world.now()),
        revoked_at: Some(world.now()),
        secret_made_at: world.now(),
        rotation_due_at: Some(world.now()),
        ..world.key(&full.organization, "ended")
    };
    insert(db, &[&bare, &bound, &ended]).await;
    let mut read = db.read().await.unwrap();
    for key in [&full.key, &bare, &bound, &ended] {
        assert_eq!(read.keys().get(key.organization_id, key.id).await.unwrap().as_ref(), Some(key));
    }
}

async fn another_organizations_key_is_not_found(db: &Db) {
    let world = World::new(2);
    let (ours, theirs) = (world.tenant(db, "Ours").await, world.tenant(db, "Theirs").await);
    let mut tx = db.begin().await.unwrap();
    let mut keys = tx.keys();
    assert_eq!(keys.get(ours.organization.id, theirs.key.id).await.unwrap(), None);
    assert_eq!(keys.get_for_update(ours.organization.id, theirs.key.id).await.unwrap(), None);
    let (filter, asked) = (KeyFilter::default(), asked(&world, &ours));
    let page = KeyPage { filter: &filter, asked: &asked, sort: KeySort::default(), after: None, limit: 10 };
    assert_eq!(keys.list(ours.organization.id, &page).await.unwrap(), std::slice::from_ref(&ours.key));
    assert_eq!(keys.count(ours.organization.id, &filter, &asked).await.unwrap(), 1);
    let stolen = Key { organization_id: ours.organization.id, status: KeyStatus::Disabled, ..theirs.key.clone() };
    keys.update(&stolen).await.unwrap();
    assert_eq!(keys.get(theirs.organization.id, theirs.key.id).await.unwrap(), Some(theirs.key));
}

async fn the_gateways_snapshot_names_the_whole_chain(db: &Db) {
    let world = World::new(3);
    let tenant = world.tenant(db, "Acme").await;
    let loose = Key {
        status: KeyStatus::Disabled,
        rules: rules(r#"{"models":["m"]}"#),
        ..world.key(&tenant.organization, "loose")
    };
    insert(db, &[&loose]).await;
    let mut read = db.read().await.unwrap();
    let snapshot = read.keys().presented(&tenant.key.secret_hash).await.unwrap().unwrap().key;
    assert_eq!(snapshot.id, tenant.key.id);
    assert_eq!(snapshot.organization, tenant.organization.id);
    assert_eq!(snapshot.team, Some(tenant.team.id));
    assert_eq!(snapshot.parent_team, Some(tenant.department.id));
    assert_eq!(snapshot.user, Some(tenant.owner.id));
    assert_eq!(snapshot.labels, tenant.key.labels);
    assert_eq!(snapshot.environment, tenant.key.environment);
    assert_eq!((snapshot.expires_at, snapshot.rules), (None, Rules::default()));
    let snapshot = read.keys().presented(&loose.secret_hash).await.unwrap().unwrap().key;
    assert_eq!((snapshot.team, snapshot.parent_team, snapshot.user), (None, None, None));
    assert_eq!((snapshot.status, snapshot.rules), (KeyStatus::Disabled, loose.rules));
    assert_eq!(read.keys().presented(&SecretHash::of("unknown")).await.unwrap(), None);
}

async fn an_update_writes_what_can_change_and_nothing_else(db: &Db) {
    let world = World::new(4);
    let tenant = world.tenant(db, "Acme").await;
    let other = world.key(&tenant.organization, "untouched");
    insert(db, &[&other]).await;
    let changed = Key {
        name: "Neuer Name".parse().unwrap(),
        description: "What for".parse().unwrap(),
        rules: rules(r#"{"endpoints":["embeddings"]}"#),
        status: KeyStatus::Disabled,
        labels: Labels::default(),
        team_id: None,
        owner_id: None,
        expires_at: Some(world.now()),
        ..tenant.key.clone()
    };
    let mut tx = db.begin().await.unwrap();
    let forged = Key { last_four: "XXXX".into(), secret_hash: SecretHash::of("forged"), ..changed.clone() };
    tx.keys().update(&forged).await.unwrap();
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    let organization = tenant.organization.id;
    assert_eq!(read.keys().get(organization, tenant.key.id).await.unwrap(), Some(changed));
    assert_eq!(read.keys().get(organization, other.id).await.unwrap(), Some(other));
    let named = |text: &str| KeyFilter { text: Some(text.into()), ..KeyFilter::default() };
    let asked = asked(&world, &tenant);
    let found = read.keys().count(organization, &named("NEUER"), &asked).await.unwrap();
    assert_eq!(found, 1, "found by its new name");
    let found = read.keys().count(organization, &named("checkout"), &asked).await.unwrap();
    assert_eq!(found, 0, "and not by the old one");
}

/// Someone who read the key before it was revoked must not bring it back by writing what they read.
async fn a_revoked_key_stays_revoked(db: &Db) {
    let world = World::new(5);
    let tenant = world.tenant(db, "Acme").await;
    let revoked = Key { status: KeyStatus::Revoked, revoked_at: Some(world.now()), ..tenant.key.clone() };
    let mut tx = db.begin().await.unwrap();
    tx.keys().update(&revoked).await.unwrap();
    tx.keys().update(&Key { name: "stale".parse().unwrap(), ..tenant.key.clone() }).await.unwrap();
    tx.commit().await.unwrap();
    let kept = db.read().await.unwrap().keys().get(tenant.organization.id, tenant.key.id).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.revoked_at), (KeyStatus::Revoked, revoked.revoked_at));
}

/// Counts up a number in the key's name from several transactions at once; none is lost.
async fn reading_for_an_update_makes_others_wait(db: &Db) {
    let world = World::new(6);
    let tenant = world.tenant(db, "Acme").await;
    let key = world.key(&tenant.organization, "0");
    insert(db, &[&key]).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (db, key) = (db.clone(), key.clone());
            tokio::spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let read = tx.keys().get_for_update(key.organization_id, key.id).await.unwrap().unwrap();
                let next = read.name.as_str().parse::<u32>().unwrap() + 1;
                tx.keys().update(&Key { name: next.to_string().parse().unwrap(), ..read }).await.unwrap();
                tx.commit().await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let last = db.read().await.unwrap().keys().get(key.organization_id, key.id).await.unwrap().unwrap();
    assert_eq!(last.name.as_str(), "8");
}

/// Who asks, and when, in a tenant whose owner is the only one of its people.
fn asked(world: &World, tenant: &Tenant) -> Asked {
    Asked { now: world.now(), me: tenant.owner.id, people: vec![(tenant.owner.id, "Olga Björk".into())] }
}

fn facts<'a>(key: &'a Key, search: &'a str, olds: &HashMap<KeyId, Timestamp>) -> KeyFacts<'a> {
    KeyFacts {
        id: key.id,
        search,
        status: key.status,
        environment: key.environment,
        owner: key.owner_id,
        team: key.team_id,
        template: key.template_id,
        labels: &key.labels,
        created_at: key.created_at,
        last_used_at: key.last_used_at,
        expires_at: key.expires_at,
        calls: key.calls as u32,
        errors: key.errors as u32,
        cost: key.cost,
        rotation_due_at: key.rotation_due_at,
        old_secret_ends_at: olds.get(&key.id).copied(),
    }
}

/// Gives every third key an old secret, every second of which has ended; answers when each ends.
async fn some_old_secrets(db: &Db, world: &World, keys: &[Key]) -> HashMap<KeyId, Timestamp> {
    let (now, mut olds, mut tx) = (world.now(), HashMap::new(), db.begin().await.unwrap());
    for (n, key) in keys.iter().enumerate().filter(|(n, _)| n % 3 == 0) {
        let old = OldSecret {
            secret_hash: SecretHash::of(&format!("old {}", key.id)),
            key_id: key.id,
            last_four: "abcd".into(),
            ends_at: if n % 2 == 0 { now.plus(Duration::from_secs(86_400)) } else { now },
            last_used_at: None,
        };
        tx.keys().replace_secret(key, &old, now.minus(Duration::from_secs(60))).await.unwrap();
        olds.insert(key.id, old.ends_at);
    }
    tx.commit().await.unwrap();
    olds
}

fn template(n: u128) -> domain::TemplateId {
    domain::TemplateId::from_uuid(uuid::Uuid::from_u128(n))
}

/// Keys of every kind, so that each filter lets some through and not others.
async fn many(db: &Db, world: &World, tenant: &Tenant, count: u64) -> Vec<Key> {
    let mut keys = vec![tenant.key.clone()];
    let days = |days: u64| Duration::from_secs(86_400 * days);
    for n in 0..count {
        let names = ["checkout", "Suche 50%", "ÖL", "a_b", "nightly\\job"];
        let key = world.key(&tenant.organization, &format!("{} {}", world.pick(&names), n % 7));
        let at = key.created_at;
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let labels = [label("region", "eu"), label("region", "us,\\east"), label("tier", "Gold"), label("x", "")];
        let labels = labels.into_iter().filter(|_| world.below(3) == 0).collect::<BTreeMap<_, _>>();
        let calls = world.below(4) * world.below(100);
        keys.push(Key {
            status: world.pick(&[KeyStatus::Active, KeyStatus::Active, KeyStatus::Disabled, KeyStatus::Revoked]),
            environment: world.pick(Environment::ALL),
            owner_id: world.pick(&[None, Some(tenant.owner.id)]),
            team_id: world.pick(&[None, Some(tenant.team.id), Some(tenant.department.id)]),
            labels: labels.try_into().unwrap(),
            expires_at: world.pick(&[None, Some(at.plus(days(world.below(30)))), Some(at.minus(days(1)))]),
            last_used_at: world.pick(&[None, Some(at.minus(days(world.below(200))))]),
            calls: calls as i64,
            errors: (calls / (1 + world.below(50))) as i64,
            cost: Money::from_nanos((world.below(5) * 750_000_000) as i64),
            template_id: world.pick(&[None, Some(template(1)), Some(template(2))]),
            template_version: Some(1),
            rotation_due_at: world.pick(&[None, None, Some(at.plus(days(9))), Some(at.minus(days(1)))]),
            ..key
        });
    }
    insert(db, &keys.iter().skip(1).collect::<Vec<_>>()).await;
    keys
}

/// A filter of one to four parameters.
fn some_query(world: &World, tenant: &Tenant) -> KeyQuery {
    let [owner, team, id] = [tenant.owner.id.to_string(), tenant.team.id.to_string(), tenant.key.id.to_string()];
    let one = template(1).to_string();
    let mut query = KeyQuery::default();
    let some = |choices: &[&str]| Some(world.pick(choices).to_owned());
    for _ in 0..1 + world.below(4) {
        match world.below(14) {
            0 => {
                query.q = some(&[
                    "check",
                    "50% suche",
                    "_",
                    "\\",
                    "olga",
                    "BJÖRK check",
                    "tier=gold",
                    "region=eu",
                    "öl 3",
                    &id,
                ])
            }
            1 => {
                query.status =
                    some(&["active", "expired", "!active", "disabled,expired", "revoked", "!expired,revoked"])
            }
            2 => query.environment = some(&["test", "live", "!test", "test,live"]),
            3 => query.owner = some(&["me", "none", "!none", "!me", "me,none", &owner]),
            4 => query.team = some(&["none", "!none", &team, &format!("!{team}"), &format!("none,{team}")]),
            5 => {
                query.label =
                    some(&["region", "region=eu", "region=us\\,\\\\east", "tier=Gold,region", "tier=gold", "x=", "no"])
            }
            6 => query.created = some(&["..1h", "1h..", "never", "2026-05-04T09:02:00Z..2026-05-04T09:04:00Z"]),
            7 => query.last_used = some(&["never", "90d..", "..30d", "30d..90d", "0h..", "2020-01-01.."]),
            8 => query.expires = some(&["never", "..14d", "14d..", "1w..3w", "..2026-05-01"]),
            9 => query.calls = some(&["0", "1..", "..10", "50..150"]),
            10 => query.cost = some(&["0", "0.75..", "..1.5", "0.1..2.3"]),
            11 => query.template = some(&["none", "!none", &one, &format!("none,{one}"), &format!("!{one}")]),
            12 => {
                query.rotation =
                    some(&["due", "!due", "overlap", "none", "!none", "due,overlap", "!overlap", "due,none"])
            }
            _ => query.errors = some(&["0", "5..", "..50", "0.5..99.5"]),
        }
    }
    query
}

async fn any_filter_finds_what_its_rule_says(db: &Db) {
    let world = World::new(8);
    let (tenant, others) = (world.tenant(db, "Acme").await, world.tenant(db, "Others").await);
    let keys = many(db, &world, &tenant, 150).await;
    let theirs = many(db, &world, &others, 20).await;
    let olds = some_old_secrets(db, &world, &keys).await;
    some_old_secrets(db, &world, &theirs).await;
    let asked = asked(&world, &tenant);
    let texts: Vec<String> = keys.iter().map(Key::search).collect();
    let mut found_some = 0;
    for _ in 0..400 {
        let query = some_query(&world, &tenant);
        let filter = query.filter().unwrap();
        let holds = |(key, text): &(&Key, &String)| filter.holds(&facts(key, text, &olds), &asked);
        let expected: Vec<KeyId> = keys.iter().zip(&texts).filter(holds).map(|(key, _)| key.id).rev().collect();
        let page = KeyPage { filter: &filter, asked: &asked, sort: KeySort::default(), after: None, limit: 1_000 };
        let mut read = db.read().await.unwrap();
        let found = read.keys().list(tenant.organization.id, &page).await.unwrap();
        assert_eq!(found.iter().map(|k| k.id).collect::<Vec<_>>(), expected, "{query:?}");
        let count = read.keys().count(tenant.organization.id, &filter, &asked).await.unwrap();
        assert_eq!(count, expected.len() as i64, "{query:?}");
        found_some += usize::from(!expected.is_empty() && expected.len() < keys.len());
    }
    assert!(found_some > 200, "only {found_some} filters tell keys apart");
}

async fn any_order_has_pages_without_gap_or_repeat(db: &Db) {
    let world = World::new(7);
    let (tenant, others) = (world.tenant(db, "Acme").await, world.tenant(db, "Others").await);
    let keys = many(db, &world, &tenant, 60).await;
    many(db, &world, &others, 10).await;
    let (asked, live) = (asked(&world, &tenant), KeyQuery { environment: Some("live".into()), ..KeyQuery::default() });
    for (column, descending, limit) in
        KeyColumn::ALL.iter().flat_map(|c| [(*c, false, 7), (*c, true, 1), (*c, true, 100)])
    {
        let sort = KeySort { column, descending };
        for filter in [KeyFilter::default(), live.filter().unwrap()] {
            let mut expected: Vec<&Key> = keys
                .iter()
                .filter(|key| filter.environment.is_none() || key.environment == Environment::Live)
                .collect();
            expected.sort_by(|a, b| ordinal(a, column).cmp(&ordinal(b, column)).then(a.id.cmp(&b.id)));
            if descending {
                expected.reverse();
            }
            let (mut seen, mut after): (Vec<KeyId>, Option<KeyCursor>) = (Vec::new(), None);
            loop {
                let page = KeyPage { filter: &filter, asked: &asked, sort, after, limit };
                let rows = db.read().await.unwrap().keys().list(tenant.organization.id, &page).await.unwrap();
                let Some(last) = rows.last() else { break };
                after = Some(KeyCursor::read(&last.cursor(sort).to_string(), sort).unwrap());
                seen.extend(rows.iter().map(|key| key.id));
            }
            assert_eq!(seen, expected.iter().map(|key| key.id).collect::<Vec<_>>(), "{sort} in pages of {limit}");
        }
    }
}

/// What a key is ordered by, in plain words.
fn ordinal(key: &Key, column: KeyColumn) -> (i64, String) {
    let text = |text: &str| (0, domain::text::folded(text));
    match column {
        KeyColumn::Name => text(key.name.as_str()),
        KeyColumn::Status => text(key.status.as_str()),
        KeyColumn::Environment => text(key.environment.as_str()),
        KeyColumn::Created => (0, String::new()),
        KeyColumn::LastUsed => (key.last_used_at.map_or(0, |at| at.micros()), String::new()),
        KeyColumn::Expires => (key.expires_at.map_or(i64::MAX, |at| at.micros()), String::new()),
        KeyColumn::Calls => (key.calls, String::new()),
        KeyColumn::Cost => (key.cost.nanos(), String::new()),
        KeyColumn::Errors => (if key.calls == 0 { 0 } else { key.errors * 1_000_000 / key.calls }, String::new()),
    }
}

async fn a_search_is_literal_and_knows_no_case(db: &Db) {
    let world = World::new(9);
    let tenant = world.tenant(db, "Acme").await;
    let names = ["100%", "1000", "a_b", "aXb", r"back\slash", "ÖL-Preis", "Straße", "ΟΔΟΣ", "Ключ", "it's \"q\""];
    for name in names {
        insert(db, &[&world.key(&tenant.organization, name)]).await;
    }
    let asked = Asked { people: Vec::new(), ..asked(&world, &tenant) };
    let cases: [(&str, &[&str]); 18] = [
        ("100", &["1000", "100%"]),
        ("100%", &["100%"]),
        ("%", &["100%"]),
        ("_", &["a_b"]),
        ("A_B", &["a_b"]),
        (r"\", &[r"back\slash"]),
        (r"\S", &[r"back\slash"]),
        ("öl", &["ÖL-Preis"]),
        ("ÖL", &["ÖL-Preis"]),
        ("STRASSE", &["Straße"]),
        ("straße", &["Straße"]),
        ("οδος", &["ΟΔΟΣ"]),
        ("οδ", &["ΟΔΟΣ"]),
        ("КЛЮЧ", &["Ключ"]),
        ("'s \"", &["it's \"q\""]),
        ("ol", &[]),
        (
            "\0",
            &[
                "it's \"q\"",
                "Ключ",
                "ΟΔΟΣ",
                "Straße",
                "ÖL-Preis",
                r"back\slash",
                "aXb",
                "a_b",
                "1000",
                "100%",
                "Checkout – production",
            ],
        ),
        ("*", &[]),
    ];
    for (text, expected) in cases {
        let filter = KeyFilter { text: Some(text.into()), ..KeyFilter::default() };
        let page = KeyPage { filter: &filter, asked: &asked, sort: KeySort::default(), after: None, limit: 20 };
        let found = db.read().await.unwrap().keys().list(tenant.organization.id, &page).await.unwrap();
        assert_eq!(found.iter().map(|k| k.name.as_str()).collect::<Vec<_>>(), expected, "for {text:?}");
    }
    let endless = KeyFilter { text: Some("%".repeat(200_000)), ..KeyFilter::default() };
    assert_eq!(db.read().await.unwrap().keys().count(tenant.organization.id, &endless, &asked).await.unwrap(), 0);
}

async fn labels_are_found_by_their_parts(db: &Db) {
    let world = World::new(11);
    let (ours, theirs) = (world.tenant(db, "Ours").await, world.tenant(db, "Theirs").await);
    let labelled = |tenant: &Tenant, pairs: &[(&str, &str)]| {
        let labels = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Key { labels: labels.collect::<BTreeMap<_, _>>().try_into().unwrap(), ..world.key(&tenant.organization, "k") }
    };
    let (one, two) = (labelled(&ours, &[("zone", "Süd"), ("tier", "50%")]), labelled(&ours, &[("zone", "Nord")]));
    insert(db, &[&one, &two, &labelled(&ours, &[("zone", "Nord")]), &labelled(&theirs, &[("zone", "Ost")])]).await;
    let find = async |part: &str, limit| {
        let found = db.read().await.unwrap().keys().labels(ours.organization.id, part, limit).await.unwrap();
        found
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .filter(|l| !l.starts_with("team="))
            .collect::<Vec<_>>()
    };
    assert_eq!(find("ZONE", 10).await, ["zone=Nord", "zone=Süd"]);
    assert_eq!(find("SÜD", 10).await, ["zone=Süd"]);
    assert_eq!(find("zone", 1).await, ["zone=Nord"]);
    assert_eq!(find("0%", 10).await, ["tier=50%"]);
    let mut tx = db.begin().await.unwrap();
    tx.keys().update(&Key { labels: Labels::default(), ..one }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(find("zone", 10).await, ["zone=Nord"], "a label that no key carries any more");
}

async fn a_secret_and_an_organization_are_checked_by_the_database(db: &Db) {
    let world = World::new(10);
    let tenant = world.tenant(db, "Acme").await;
    let same_secret = Key { secret_hash: tenant.key.secret_hash, ..world.key(&tenant.organization, "twin") };
    let same_id = Key { id: tenant.key.id, ..world.key(&tenant.organization, "twin") };
    for twin in [same_secret, same_id] {
        let refused = db.begin().await.unwrap().keys().insert(&twin).await.unwrap_err();
        assert!(refused.is_duplicate(), "{refused}");
    }
    let nowhere = world.key(&world.organization("Never inserted"), "orphan");
    let refused = db.begin().await.unwrap().keys().insert(&nowhere).await.unwrap_err();
    assert!(!refused.is_duplicate(), "{refused}");
}

/// The key with a new secret, in the database; the old one is good for an hour.
async fn rotated(db: &Db, world: &World, key: &Key) -> (Key, OldSecret) {
    let now = world.now();
    let secret = Secret::mint(key.environment.key_prefix(), &world.entropy);
    let old = OldSecret {
        secret_hash: key.secret_hash,
        key_id: key.id,
        last_four: key.last_four.clone(),
        ends_at: now.plus(Duration::from_secs(3600)),
        last_used_at: None,
    };
    let key = Key {
        secret_hash: secret.hash(),
        last_four: secret.last_four(),
        secret_made_at: now,
        rotation_due_at: Some(now.plus(Duration::from_secs(86_400))),
        ..key.clone()
    };
    let mut tx = db.begin().await.unwrap();
    tx.keys().replace_secret(&key, &old, now).await.unwrap();
    tx.commit().await.unwrap();
    (key, old)
}

async fn a_replaced_secret_stands_for_its_key_until_its_time_is_over(db: &Db) {
    let world = World::new(11);
    let tenant = world.tenant(db, "Acme").await;
    let untouched = world.key(&tenant.organization, "untouched");
    insert(db, &[&untouched]).await;
    let (key, old) = rotated(db, &world, &tenant.key).await;
    let mut read = db.read().await.unwrap();
    assert_eq!(read.keys().get(tenant.organization.id, key.id).await.unwrap().as_ref(), Some(&key));
    let by_new = read.keys().presented(&key.secret_hash).await.unwrap().unwrap();
    let by_old = read.keys().presented(&old.secret_hash).await.unwrap().unwrap();
    assert_eq!((by_new.current, by_new.ends_at), (key.secret_hash, None));
    assert_eq!((by_old.current, by_old.ends_at), (key.secret_hash, Some(old.ends_at)));
    assert_eq!((by_old.key.id, &by_old.key), (key.id, &by_new.key));
    let ids = [key.id, untouched.id];
    let before_the_end = Timestamp::from_micros(old.ends_at.micros() - 1);
    assert_eq!(read.keys().old_secrets(&ids, before_the_end).await.unwrap(), std::slice::from_ref(&old));
    assert_eq!(read.keys().old_secrets(&ids, old.ends_at).await.unwrap(), []);
    assert_eq!(read.keys().old_secrets(&[], before_the_end).await.unwrap(), []);
    for hash in [key.secret_hash, old.secret_hash] {
        assert_eq!(read.keys().holder_of(&hash).await.unwrap(), Some((tenant.organization.id, key.id)));
    }
    assert_eq!(read.keys().holder_of(&SecretHash::of("unknown")).await.unwrap(), None);
}

async fn only_the_last_old_secret_goes_on(db: &Db) {
    let world = World::new(12);
    let tenant = world.tenant(db, "Acme").await;
    let (second, first_secret) = rotated(db, &world, &tenant.key).await;
    let (third, second_secret) = rotated(db, &world, &second).await;
    let now = world.now();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.keys().old_secrets(&[third.id], now).await.unwrap(), std::slice::from_ref(&second_secret));
    let first = tx.keys().presented(&first_secret.secret_hash).await.unwrap().unwrap();
    assert!(first.ends_at.unwrap() < now, "ended when the next one came, and is known still");
    assert_eq!(tx.keys().end_old_secrets(third.id, now).await.unwrap(), [second_secret.secret_hash]);
    assert_eq!(tx.keys().end_old_secrets(third.id, now).await.unwrap(), [], "it has ended");
    assert_eq!(tx.keys().old_secrets(&[third.id], now).await.unwrap(), []);
}

async fn the_last_use_of_an_old_secret_never_goes_back(db: &Db) {
    let world = World::new(13);
    let tenant = world.tenant(db, "Acme").await;
    let (key, old) = rotated(db, &world, &tenant.key).await;
    let (earlier, later) = (world.now(), world.now());
    let mut tx = db.begin().await.unwrap();
    for at in [later, earlier] {
        let unknown = SecretHash::of("unknown");
        tx.keys().note_old_uses(&[(old.secret_hash, at), (unknown, at), (key.secret_hash, at)]).await.unwrap();
        let noted = tx.keys().old_secrets(&[key.id], later).await.unwrap();
        assert_eq!(noted, [OldSecret { last_used_at: Some(later), ..old.clone() }]);
    }
    tx.keys().note_old_uses(&[]).await.unwrap();
}

async fn a_secret_is_old_once(db: &Db) {
    let world = World::new(14);
    let tenant = world.tenant(db, "Acme").await;
    let (key, old) = rotated(db, &world, &tenant.key).await;
    let twin = Key { secret_hash: old.secret_hash, ..world.key(&tenant.organization, "twin") };
    let (_, again) = rotated(db, &world, &key).await;
    let mut tx = db.begin().await.unwrap();
    let refused = tx.keys().replace_secret(&twin, &again, world.now()).await.unwrap_err();
    assert!(refused.is_duplicate(), "a secret is old once: {refused}");
}

fn rules(json: &str) -> Rules {
    serde_json::from_str(json).unwrap()
}

async fn insert(db: &Db, keys: &[&Key]) {
    let mut tx = db.begin().await.unwrap();
    for key in keys {
        tx.keys().insert(key).await.unwrap();
    }
    tx.commit().await.unwrap();
}
