//! Many rows at once.

use std::collections::BTreeMap;

use domain::{
    AuditId, BudgetId, KeyId, LimitId, Money,
    audit::GENESIS,
    budgets::{Budget, Period, Scope},
    keys::{Asked, KeyFilter, KeyQuery, KeyStatus, Labels},
    limits::{Limit, LimitKind},
    secrets::SecretHash,
};
use store::{
    Db,
    audit::NewEntry,
    budgets::StoredBudget,
    changes::{Change, Since},
    keys::Key,
    limits::StoredLimit,
};

use crate::{
    finding::asked,
    support::{Tenant, World},
};

contract! {
    matching_keys_are_named_in_pages
    many_keys_are_read_changed_and_deleted
    many_keys_are_added_as_one_is
    many_bounds_are_added_as_one_is
    a_deleted_keys_budgets_and_limits_go
    limits_and_budgets_are_written_many_at_once
    keys_are_found_by_the_labels_that_they_carry_now
    members_are_the_organizations
    entries_appended_together_are_one_chain
    changes_appended_together_are_numbered_on
}

async fn matching_keys_are_named_in_pages(db: &Db) {
    let world = World::new(1);
    let (tenant, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let keys = keys(&world, &tenant, 7, KeyStatus::Disabled);
    insert(db, &keys).await;
    insert(db, &self::keys(&world, &other, 3, KeyStatus::Disabled)).await;
    let filter = KeyQuery { status: Some("disabled".into()), ..KeyQuery::default() }.filter().unwrap();
    let asked = Asked::new(world.now(), tenant.owner.id);
    let expected: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    for limit in [1, 3, 7, 100] {
        let mut seen: Vec<KeyId> = Vec::new();
        loop {
            let mut read = db.read().await.unwrap();
            let after = seen.last().copied();
            let page = read.keys().matching_ids(tenant.organization.id, &filter, &asked, after, limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }
        assert_eq!(seen, expected, "in pages of {limit}");
    }
    let mut read = db.read().await.unwrap();
    let all = read.keys().matching_ids(tenant.organization.id, &KeyFilter::default(), &asked, None, 100).await.unwrap();
    assert_eq!(all.len(), 8, "the tenant's first key too");
}

async fn many_keys_are_read_changed_and_deleted(db: &Db) {
    let world = World::new(2);
    let (tenant, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let before = keys(&world, &tenant, 1_003, KeyStatus::Active);
    insert(db, &before).await;
    let mut ids: Vec<KeyId> = before.iter().map(|key| key.id).collect();
    ids.push(other.key.id);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.keys().many_for_update(tenant.organization.id, &ids).await.unwrap(), before, "no other's among them");
    let labels = Labels::try_from(std::collections::BTreeMap::from([("tier".to_owned(), "Öl".to_owned())])).unwrap();
    let after: Vec<Key> = before
        .iter()
        .enumerate()
        .map(|(n, key)| match n % 3 {
            0 => Key { status: KeyStatus::Revoked, revoked_at: Some(world.now()), ..key.clone() },
            1 => Key { labels: labels.clone(), team_id: None, expires_at: Some(world.now()), ..key.clone() },
            _ => Key {
                owner_id: Some(tenant.owner.id),
                team_id: Some(tenant.team.id),
                expires_at: None,
                rules: serde_json::from_str(r#"{"models":["a*"]}"#).unwrap(),
                template_id: Some(domain::TemplateId::from_uuid(key.id.uuid())),
                template_version: Some(3),
                rotation_due_at: Some(world.now()),
                ..key.clone()
            },
        })
        .collect();
    tx.keys().update_many(&after).await.unwrap();
    tx.keys().update_many(&[]).await.unwrap();
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    assert_eq!(read.keys().many(tenant.organization.id, &ids).await.unwrap(), after);
    assert_eq!(read.keys().many(tenant.organization.id, &[]).await.unwrap(), []);
    drop(read);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.keys().delete_many(tenant.organization.id, &ids[1..]).await.unwrap(), 1_002);
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    assert_eq!(read.keys().many(tenant.organization.id, &ids).await.unwrap(), after[..1]);
    assert!(read.keys().get(other.organization.id, other.key.id).await.unwrap().is_some());
}

async fn many_keys_are_added_as_one_is(db: &Db) {
    let world = World::new(7);
    let tenant = world.tenant(db, "Acme").await;
    let labels = |n: usize| match n % 3 {
        0 => Labels::default(),
        n => {
            Labels::try_from((0..n).map(|l| (format!("l{l}"), format!("Öl {n}"))).collect::<BTreeMap<_, _>>()).unwrap()
        }
    };
    let new: Vec<Key> = (0..1_003)
        .map(|n| Key {
            labels: labels(n),
            owner_id: (n % 2 == 0).then_some(tenant.owner.id),
            team_id: (n % 2 == 1).then_some(tenant.team.id),
            expires_at: (n % 5 == 0).then(|| world.now()),
            template_id: (n % 7 == 0).then(|| domain::TemplateId::from_uuid(tenant.key.id.uuid())),
            template_version: (n % 7 == 0).then_some(2),
            ..world.key(&tenant.organization, &format!("Schlüssel {n}"))
        })
        .collect();
    let mut tx = db.begin().await.unwrap();
    tx.keys().insert_many(&new).await.unwrap();
    tx.keys().insert_many(&[]).await.unwrap();
    tx.commit().await.unwrap();
    let ids: Vec<KeyId> = new.iter().map(|key| key.id).collect();
    let mut read = db.read().await.unwrap();
    assert_eq!(read.keys().many(tenant.organization.id, &ids).await.unwrap(), new);
    let asked = Asked { people: Vec::new(), ..asked(&world, &tenant) };
    for (query, expected) in [
        (KeyQuery { q: Some("SCHLÜSSEL 77".into()), ..KeyQuery::default() }, 19),
        (KeyQuery { label: Some("l1".into()), ..KeyQuery::default() }, 334),
    ] {
        let filter = query.filter().unwrap();
        assert_eq!(read.keys().count(tenant.organization.id, &filter, &asked).await.unwrap(), expected, "{query:?}");
    }
}

async fn many_bounds_are_added_as_one_is(db: &Db) {
    let world = World::new(8);
    let tenant = world.tenant(db, "Acme").await;
    let keys = keys(&world, &tenant, 603, KeyStatus::Active);
    insert(db, &keys).await;
    let budgets: Vec<StoredBudget> = keys.iter().map(|key| budget(&world, &tenant, Scope::Key(key.id))).collect();
    let limits: Vec<StoredLimit> = keys.iter().map(|key| limit(&world, &tenant, Scope::Key(key.id))).collect();
    let mut tx = db.begin().await.unwrap();
    tx.budgets().insert_many(&budgets).await.unwrap();
    tx.budgets().insert_many(&[]).await.unwrap();
    tx.limits().insert_many(&limits).await.unwrap();
    tx.limits().insert_many(&[]).await.unwrap();
    tx.commit().await.unwrap();
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let mut read = db.read().await.unwrap();
    assert_eq!(read.budgets().of_keys(tenant.organization.id, &ids).await.unwrap(), budgets);
    assert_eq!(read.limits().of_keys(tenant.organization.id, &ids).await.unwrap(), limits);
    drop(read);
    let refused = db.begin().await.unwrap().limits().insert_many(&limits[..1]).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
}

async fn a_deleted_keys_budgets_and_limits_go(db: &Db) {
    let world = World::new(3);
    let (tenant, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let mut tx = db.begin().await.unwrap();
    let mut made = Vec::new();
    for owner in [&tenant, &other] {
        for scope in [Scope::Key(owner.key.id), Scope::User(owner.owner.id)] {
            let (budget, limit) = (budget(&world, owner, scope), limit(&world, owner, scope));
            tx.budgets().insert(&budget).await.unwrap();
            tx.limits().insert(&limit).await.unwrap();
            made.push((budget.budget.id, limit.limit.id));
        }
    }
    let keys = [tenant.key.id, other.key.id];
    let gone = tx.budgets().delete_of_keys(tenant.organization.id, &keys).await.unwrap();
    assert_eq!(gone, [(made[0].0, tenant.key.id)]);
    let gone = tx.limits().delete_of_keys(tenant.organization.id, &keys).await.unwrap();
    assert_eq!(gone, [(made[0].1, tenant.key.id)]);
    assert_eq!(tx.budgets().delete_of_keys(tenant.organization.id, &[]).await.unwrap(), []);
    assert_eq!(tx.limits().delete_of_keys(tenant.organization.id, &[]).await.unwrap(), []);
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    assert_eq!(read.limits().list(tenant.organization.id).await.unwrap().len(), 1);
    assert_eq!(read.limits().list(other.organization.id).await.unwrap().len(), 2);
}

async fn limits_and_budgets_are_written_many_at_once(db: &Db) {
    let world = World::new(7);
    let tenant = world.tenant(db, "Acme").await;
    let keys = keys(&world, &tenant, 601, KeyStatus::Active);
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let organization = tenant.organization.id;
    let mut limits: Vec<StoredLimit> = ids.iter().map(|id| limit(&world, &tenant, Scope::Key(*id))).collect();
    let mut budgets: Vec<StoredBudget> = ids.iter().map(|id| budget(&world, &tenant, Scope::Key(*id))).collect();
    limits[3].limit.endpoint = Some(domain::usage::Endpoint::Embeddings);
    budgets[3].crossed_at = Some(world.now());
    let mut tx = db.begin().await.unwrap();
    tx.limits().insert_many(&limits).await.unwrap();
    tx.budgets().insert_many(&budgets).await.unwrap();
    assert_eq!(tx.limits().of_keys(organization, &ids).await.unwrap(), limits);
    assert_eq!(tx.budgets().of_keys(organization, &ids).await.unwrap(), budgets);
    for changed in &mut limits[1..] {
        (changed.limit.amount, changed.limit.burst) = (9, 4);
    }
    for changed in &mut budgets[1..] {
        let budget = &mut changed.budget;
        (budget.amount, budget.hard, budget.since) = (Money::from_nanos(7), false, world.now());
    }
    // What else is said of them changes nothing.
    let scope = Scope::User(tenant.owner.id);
    let said: Vec<Limit> = limits[1..].iter().map(|stored| Limit { scope, ..stored.limit }).collect();
    tx.limits().update_many(&said).await.unwrap();
    let said: Vec<Budget> = budgets[1..].iter().map(|stored| Budget { scope, ..stored.budget }).collect();
    tx.budgets().update_many(&said).await.unwrap();
    assert_eq!(tx.limits().of_keys(organization, &ids).await.unwrap(), limits);
    assert_eq!(tx.budgets().of_keys(organization, &ids).await.unwrap(), budgets);
    let gone: Vec<LimitId> = limits[2..].iter().map(|stored| stored.limit.id).collect();
    tx.limits().delete_many(&gone).await.unwrap();
    let gone: Vec<BudgetId> = budgets[2..].iter().map(|stored| stored.budget.id).collect();
    tx.budgets().delete_many(&gone).await.unwrap();
    tx.limits().delete_many(&[]).await.unwrap();
    tx.limits().insert_many(&[]).await.unwrap();
    tx.limits().update_many(&[]).await.unwrap();
    tx.budgets().delete_many(&[]).await.unwrap();
    tx.budgets().insert_many(&[]).await.unwrap();
    tx.budgets().update_many(&[]).await.unwrap();
    assert_eq!(tx.limits().of_keys(organization, &ids).await.unwrap(), limits[..2]);
    assert_eq!(tx.budgets().of_keys(organization, &ids).await.unwrap(), budgets[..2]);
    let twin = StoredLimit {
        limit: Limit { id: LimitId::mint(world.now(), &world.entropy), ..limits[0].limit },
        ..limits[0].clone()
    };
    assert!(tx.limits().insert_many(&[twin]).await.unwrap_err().is_duplicate());
}

async fn keys_are_found_by_the_labels_that_they_carry_now(db: &Db) {
    let world = World::new(8);
    let (tenant, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let labelled = |tenant: &Tenant, pairs: &[(&str, &str)]| {
        let labels = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let labels: std::collections::BTreeMap<_, _> = labels.collect();
        Key { labels: labels.try_into().unwrap(), ..world.key(&tenant.organization, "k") }
    };
    let mut ours: Vec<Key> = (0..301).map(|_| labelled(&tenant, &[("zone", "Süd"), ("tier", "1")])).collect();
    insert(db, &ours).await;
    insert(db, &[labelled(&other, &[("zone", "Süd")])]).await;
    for (n, key) in ours.iter_mut().enumerate() {
        let pairs: &[(&str, &str)] = if n == 0 { &[] } else { &[("zone", "Nord")] };
        key.labels = labelled(&tenant, pairs).labels;
    }
    let mut tx = db.begin().await.unwrap();
    tx.keys().relabel(&ours[..300]).await.unwrap();
    tx.keys().relabel(&[]).await.unwrap();
    let asked = Asked { people: Vec::new(), ..asked(&world, &tenant) };
    for (label, count) in [("zone=Süd", 1), ("tier", 1), ("zone=Nord", 299)] {
        let filter = KeyQuery { label: Some(label.into()), ..KeyQuery::default() }.filter().unwrap();
        assert_eq!(tx.keys().count(tenant.organization.id, &filter, &asked).await.unwrap(), count, "{label}");
    }
    let filter = KeyQuery { label: Some("zone=Süd".into()), ..KeyQuery::default() }.filter().unwrap();
    assert_eq!(tx.keys().count(other.organization.id, &filter, &asked).await.unwrap(), 1);
}

async fn members_are_the_organizations(db: &Db) {
    let world = World::new(4);
    let (tenant, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let both = [tenant.owner.id, other.owner.id];
    let mut read = db.read().await.unwrap();
    assert_eq!(read.identity().members(tenant.organization.id, &both).await.unwrap(), [tenant.owner.id]);
    assert_eq!(read.identity().members(tenant.organization.id, &[]).await.unwrap(), []);
}

async fn entries_appended_together_are_one_chain(db: &Db) {
    let world = World::new(5);
    let tenant = world.tenant(db, "Acme").await;
    let entry = |n: usize| NewEntry { target: n.to_string(), ..world.entry(&tenant.organization, "key.revoked") };
    let mut tx = db.begin().await.unwrap();
    tx.audit().append(entry(0)).await.unwrap();
    let appended = tx.audit().append_all(tenant.organization.id, (1..=601).map(entry).collect()).await.unwrap();
    assert_eq!(appended.iter().map(|e| e.position).collect::<Vec<_>>(), Vec::from_iter(2..=602));
    assert_eq!(tx.audit().append_all(tenant.organization.id, vec![]).await.unwrap(), []);
    tx.audit().append(entry(602)).await.unwrap();
    tx.commit().await.unwrap();
    let log = db.read().await.unwrap().audit().from(tenant.organization.id, 1, 1_000).await.unwrap();
    assert_eq!(log.len(), 603);
    let (mut previous, mut ids) = (GENESIS, std::collections::HashSet::<AuditId>::new());
    for (n, linked) in log.iter().enumerate() {
        assert_eq!((linked.entry.position, linked.entry.target.clone()), (n as i64 + 1, n.to_string()));
        assert!(ids.insert(linked.entry.id));
        previous = linked.entry.link(&previous);
        assert_eq!(linked.link, previous);
    }
}

async fn changes_appended_together_are_numbered_on(db: &Db) {
    let world = World::new(6);
    let changes: Vec<Change> = (0..1_203).map(|n: u32| Change::Key(SecretHash::of(&n.to_string()))).collect();
    let mut tx = db.begin().await.unwrap();
    tx.changes().append(&changes, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let since = db.read().await.unwrap().changes().since(0, 10_000).await.unwrap();
    let expected: Vec<(i64, Change)> = (1..).zip(changes).collect();
    assert_eq!(since, Since::Changes(expected));
}

fn keys(world: &World, tenant: &Tenant, count: usize, status: KeyStatus) -> Vec<Key> {
    (0..count).map(|n| Key { status, ..world.key(&tenant.organization, &format!("key {n}")) }).collect()
}

pub(crate) fn budget(world: &World, tenant: &Tenant, scope: Scope) -> StoredBudget {
    let at = world.now();
    let budget = Budget {
        id: BudgetId::mint(at, &world.entropy),
        scope,
        environment: tenant.key.environment,
        period: Period::Day,
        amount: Money::from_nanos(1),
        hard: true,
        since: at,
    };
    StoredBudget {
        organization: tenant.organization.id,
        budget,
        created_at: at,
        created_by: "system:test".into(),
        crossed_at: None,
    }
}

pub(crate) fn limit(world: &World, tenant: &Tenant, scope: Scope) -> StoredLimit {
    let at = world.now();
    let limit = Limit {
        id: LimitId::mint(at, &world.entropy),
        scope,
        environment: tenant.key.environment,
        endpoint: None,
        kind: LimitKind::Requests,
        amount: 5,
        burst: 5,
    };
    StoredLimit { organization: tenant.organization.id, limit, created_at: at, created_by: "system:test".into() }
}

async fn insert(db: &Db, keys: &[Key]) {
    let mut tx = db.begin().await.unwrap();
    for key in keys {
        tx.keys().insert(key).await.unwrap();
    }
    tx.commit().await.unwrap();
}
