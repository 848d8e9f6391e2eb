//! How lists of keys are filtered, searched and ordered.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use domain::{
    BudgetId, KeyId, Money, TeamId, Timestamp, UserId,
    budgets::{Budget, Period, Scope},
    keys::{
        Asked, Environment, KeyColumn, KeyCursor, KeyFacts, KeyFilter, KeyGroup, KeyQuery, KeySort, KeyStatus, Labels,
        Reachable,
    },
    secrets::SecretHash,
    usage::UsageEvent,
};
use store::{
    Db,
    budgets::StoredBudget,
    keys::{Key, KeyPage, OldSecret},
};

use crate::{
    keys::{insert, rules},
    support::{BEGINNING, Tenant, World},
};

contract! {
    any_filter_finds_what_its_rule_says
    any_order_has_pages_without_gap_or_repeat
    pages_of_groups_go_on_where_one_is_gone
    a_rare_word_is_found_among_many
    a_changed_list_of_models_is_found_by_what_it_allows
    a_search_is_literal_and_knows_no_case
    labels_are_found_by_their_parts
}

/// Who asks, and when, in a tenant whose owner is the only one of its people.
pub(crate) fn asked(world: &World, tenant: &Tenant) -> Asked {
    let model = |environment, connection: &str, name: &str| Reachable {
        environment,
        upstream_id: name.into(),
        qualified: format!("{connection}/{name}"),
    };
    Asked {
        people: vec![(tenant.owner.id, "Olga Björk".into())],
        models: vec![
            model(Environment::Live, "OpenAI", "gpt-4o"),
            model(Environment::Live, "Azure", "gpt-4o"),
            model(Environment::Test, "OpenAI", "gpt-4o"),
            model(Environment::Test, "Sandbox", "sandbox-chat"),
        ],
        zone: tenant.organization.time_zone.clone(),
        ..Asked::new(world.now(), tenant.owner.id)
    }
}

/// A key's own budgets, and what was spent of them.
type Spent = (Budget, Money);

fn facts<'a>(key: &'a Key, search: &'a str, budgets: &'a [Spent], old_ends: Option<Timestamp>) -> KeyFacts<'a> {
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
        rules: &key.rules,
        budgets,
        rotation_due_at: key.rotation_due_at,
        old_secret_ends_at: old_ends,
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

/// Own budgets for some of these keys, and calls that used them up to about 80 %, this month and long ago.
async fn budgeted(db: &Db, world: &World, tenant: &Tenant, keys: &[Key]) -> BTreeMap<KeyId, Vec<Spent>> {
    let offer = world.offer(db, world.connection(tenant.organization.name.as_str(), Environment::Live), "gpt-4o").await;
    let mut budgets: BTreeMap<KeyId, Vec<Spent>> = BTreeMap::new();
    let (mut tx, mut events) = (db.begin().await.unwrap(), Vec::new());
    for key in keys.iter().filter(|_| world.below(3) == 0) {
        for period in Period::ALL.into_iter().filter(|_| world.below(3) == 0) {
            let at = world.now();
            let amount = Money::from_nanos(1_000 + world.below(9) as i64);
            let (id, scope) = (BudgetId::mint(at, &world.entropy), Scope::Key(key.id));
            let since = Timestamp::from_micros(BEGINNING);
            let budget = Budget { id, scope, environment: key.environment, period, amount, hard: true, since };
            let stored = StoredBudget {
                organization: tenant.organization.id,
                budget,
                created_at: at,
                created_by: "system:bootstrap".into(),
                crossed_at: None,
            };
            tx.budgets().insert(&stored).await.unwrap();
            budgets.entry(key.id).or_default().push((budget, Money::ZERO));
        }
        for ago in [Duration::ZERO, Duration::from_secs(40 * 86_400)] {
            let event = world.event(tenant, key, &offer);
            let cost = Money::from_nanos(world.pick(&[0, 400, 799, 800, 805, 1_200]));
            events.push(UsageEvent { at: Timestamp::from_micros(BEGINNING).minus(ago), cost, ..event });
        }
    }
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.usage().record(&events).await.unwrap();
    tx.commit().await.unwrap();
    let (mut read, now, zone) = (db.read().await.unwrap(), world.now(), tenant.organization.time_zone.as_str());
    for (budget, spent) in budgets.values_mut().flatten() {
        let window = budget.period.window(now, zone, budget.since);
        let (scope, environment) = (budget.scope, budget.environment);
        *spent = read.budgets().spent(tenant.organization.id, scope, environment, window).await.unwrap();
    }
    budgets
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
            rules: rules(world.pick(&[
                "{}",
                "{}",
                r#"{"models":["gpt-4o"]}"#,
                r#"{"models":["OpenAI/*","gpt-3.5"],"endpoints":["embeddings"]}"#,
                r#"{"models":["*chat"],"ips":["::1"]}"#,
            ])),
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
        match world.below(16) {
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
            12 => {
                query.model =
                    some(&["gpt-4o", "!gpt-4o", "OpenAI/gpt-4o", "sandbox-chat", "Azure/gpt-4o,sandbox-chat", "none"])
            }
            14 => {
                query.rotation =
                    some(&["due", "!due", "overlap", "none", "!none", "due,overlap", "!overlap", "due,none"])
            }
            13 => query.near_limit = some(&["yes", "no", "!yes", "yes,no"]),
            11 => query.template = some(&["none", "!none", &one, &format!("none,{one}"), &format!("!{one}")]),
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
    let budgets = budgeted(db, &world, &tenant, &keys).await;
    assert!(budgets.values().flatten().any(|(budget, spent)| budget.is_nearly_spent(*spent)));
    budgeted(db, &world, &others, &theirs).await;
    let olds = some_old_secrets(db, &world, &keys).await;
    some_old_secrets(db, &world, &theirs).await;
    // Their calls are in the keys' figures now.
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let keys = db.read().await.unwrap().keys().many(tenant.organization.id, &ids).await.unwrap();
    let asked = asked(&world, &tenant);
    let texts: Vec<String> = keys.iter().map(Key::search).collect();
    let mut found_some = 0;
    for _ in 0..400 {
        let query = some_query(&world, &tenant);
        let filter = query.filter().unwrap();
        let own = |key: &Key| budgets.get(&key.id).map_or(&[][..], Vec::as_slice);
        let holds = |(key, text): &(&Key, &String)| {
            filter.holds(&facts(key, text, own(key), olds.get(&key.id).copied()), &asked)
        };
        let expected: Vec<KeyId> = keys.iter().zip(&texts).filter(holds).map(|(key, _)| key.id).rev().collect();
        let sort = KeySort::default();
        let page = KeyPage { filter: &filter, asked: &asked, sort, groups: &[], after: None, limit: 1_000 };
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
    let keys = scattered(db, &world, keys).await;
    for (column, descending, limit) in
        KeyColumn::ALL.iter().flat_map(|c| [(*c, false, 7), (*c, true, 1), (*c, true, 100)])
    {
        let sort = KeySort { column, descending };
        // In no order that the database would think of.
        let mut groups = match column.group() {
            Some(by) => db.read().await.unwrap().keys().groups(tenant.organization.id, by).await.unwrap(),
            None => Vec::new(),
        };
        groups.sort_by_key(|id| called(*id));
        if descending {
            groups.reverse();
        }
        for filter in [KeyFilter::default(), live.filter().unwrap()] {
            let mut expected: Vec<&Key> = keys
                .iter()
                .filter(|key| filter.environment.is_none() || key.environment == Environment::Live)
                .collect();
            expected.sort_by(|a, b| ordinal(a, column).cmp(&ordinal(b, column)).then(a.id.cmp(&b.id)));
            if descending {
                expected.reverse();
            }
            if let Some(by) = column.group() {
                expected.sort_by_key(|key| group(key, by).is_none());
            }
            let (mut seen, mut after): (Vec<KeyId>, Option<KeyCursor>) = (Vec::new(), None);
            loop {
                let page = KeyPage { filter: &filter, asked: &asked, sort, groups: &groups, after, limit };
                let rows = db.read().await.unwrap().keys().list(tenant.organization.id, &page).await.unwrap();
                let Some(last) = rows.last() else { break };
                after = Some(KeyCursor::read(&last.cursor(sort).to_string(), sort).unwrap());
                seen.extend(rows.iter().map(|key| key.id));
            }
            assert_eq!(seen, expected.iter().map(|key| key.id).collect::<Vec<_>>(), "{sort} in pages of {limit}");
        }
    }
}

/// The same keys, given to thirty people more, of whom most have only a key or two.
async fn scattered(db: &Db, world: &World, mut keys: Vec<Key>) -> Vec<Key> {
    let mut tx = db.begin().await.unwrap();
    let people: Vec<UserId> = (0..30).map(|n| UserId::from_uuid(uuid::Uuid::from_u128(n))).collect();
    for (n, id) in people.iter().enumerate() {
        let email = format!("{n}@example.com");
        tx.identity().insert_user(&store::identity::User { id: *id, ..world.user(&email) }).await.unwrap();
    }
    for key in &mut keys {
        if world.below(2) == 0 {
            key.owner_id = Some(world.pick(&people));
        }
    }
    tx.keys().update_many(&keys).await.unwrap();
    tx.commit().await.unwrap();
    keys
}

fn group(key: &Key, by: KeyGroup) -> Option<uuid::Uuid> {
    match by {
        KeyGroup::Owner => key.owner_id.map(UserId::uuid),
        KeyGroup::Team => key.team_id.map(TeamId::uuid),
        KeyGroup::Template => key.template_id.map(domain::TemplateId::uuid),
    }
}

/// A name for a group, each its own.
fn called(id: uuid::Uuid) -> String {
    format!("{:032x}", id.as_u128().reverse_bits())
}

async fn pages_of_groups_go_on_where_one_is_gone(db: &Db) {
    let world = World::new(15);
    let tenant = world.tenant(db, "Acme").await;
    let first = Key { team_id: Some(tenant.department.id), ..world.key(&tenant.organization, "first") };
    let none = world.key(&tenant.organization, "none");
    insert(db, &[&first, &none]).await;
    let (filter, asked, organization) = (KeyFilter::default(), asked(&world, &tenant), tenant.organization.id);
    let sort: KeySort = "team".parse().unwrap();
    let groups = [tenant.department.id.uuid(), tenant.team.id.uuid()];
    let mut tx = db.begin().await.unwrap();
    let found = tx.keys().groups(organization, KeyGroup::Team).await.unwrap();
    assert_eq!(BTreeSet::from_iter(found), BTreeSet::from(groups));
    tx.keys().update(&Key { team_id: None, ..first.clone() }).await.unwrap();
    let page =
        KeyPage { filter: &filter, asked: &asked, sort, groups: &groups, after: Some(first.cursor(sort)), limit: 9 };
    let next = tx.keys().list(organization, &page).await.unwrap();
    assert_eq!(next.iter().map(|key| key.id).collect::<Vec<_>>(), [tenant.key.id, first.id, none.id]);
}

/// Whether many or few keys have a word decides how they are looked for, not what is found.
async fn a_rare_word_is_found_among_many(db: &Db) {
    let world = World::new(16);
    let (tenant, others) = (world.tenant(db, "Acme").await, world.tenant(db, "Others").await);
    let many: Vec<Key> = (0..1_010).map(|n| world.key(&tenant.organization, &format!("haystack {n}"))).collect();
    let needle = Key { owner_id: Some(tenant.owner.id), ..world.key(&tenant.organization, "needle in the haystack") };
    let theirs = world.key(&others.organization, "needle of others");
    insert(db, &many.iter().chain([&needle, &theirs]).collect::<Vec<_>>()).await;
    let (asked, organization) = (asked(&world, &tenant), tenant.organization.id);
    let mut read = db.read().await.unwrap();
    for (text, expected) in
        [("needle", 1), ("haystack", 1_011), ("haystack needle", 1), ("haystack olga", 1), ("nail", 0), ("tac 100", 11)]
    {
        let filter = KeyFilter { text: Some(text.into()), ..KeyFilter::default() };
        assert_eq!(read.keys().count(organization, &filter, &asked).await.unwrap(), expected, "{text}");
        let sort = "name".parse().unwrap();
        let page = KeyPage { filter: &filter, asked: &asked, sort, groups: &[], after: None, limit: 2_000 };
        assert_eq!(read.keys().list(organization, &page).await.unwrap().len() as i64, expected, "{text}");
    }
}

async fn a_changed_list_of_models_is_found_by_what_it_allows(db: &Db) {
    let world = World::new(17);
    let tenant = world.tenant(db, "Acme").await;
    let asked = asked(&world, &tenant);
    let allowed = async |name: &str| {
        let query = KeyQuery { model: Some(name.into()), ..KeyQuery::default() };
        let mut read = db.read().await.unwrap();
        read.keys().count(tenant.organization.id, &query.filter().unwrap(), &asked).await.unwrap() == 1
    };
    assert!(allowed("gpt-4o").await && !allowed("sandbox-chat").await, "a live key without a list");
    let mut key = Key { rules: rules(r#"{"models":["o4"]}"#), ..tenant.key.clone() };
    let mut tx = db.begin().await.unwrap();
    tx.keys().update(&key).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!allowed("gpt-4o").await && allowed("!gpt-4o").await);
    key.rules = rules(r#"{"models":["Azure/*"]}"#);
    let mut tx = db.begin().await.unwrap();
    tx.keys().update_many(&[key]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(allowed("gpt-4o").await && allowed("Azure/gpt-4o").await && !allowed("OpenAI/gpt-4o").await);
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
        KeyColumn::Owner | KeyColumn::Team | KeyColumn::Template => {
            (0, column.group().and_then(|by| group(key, by)).map_or("~".into(), called))
        }
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
        let sort = KeySort::default();
        let page = KeyPage { filter: &filter, asked: &asked, sort, groups: &[], after: None, limit: 20 };
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
