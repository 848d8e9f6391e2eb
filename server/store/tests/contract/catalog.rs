use std::time::Duration;

use domain::{
    ConnectionId, ModelId, Money, Rate, Timestamp,
    catalog::{Provider, Rates},
    keys::Environment,
};
use store::{
    Db,
    catalog::{CatalogEntry, Connection, Model, Price},
    vault::{Vault, VaultError},
};

use crate::support::World;

contract! {
    every_field_of_a_connection_comes_back
    a_sealed_key_opens_for_its_own_connection_only
    an_update_writes_what_can_change_and_nothing_else
    the_platforms_connections_are_paged
    a_connections_name_is_unique_in_its_environment
    a_model_is_there_once_however_often_it_is_found
    a_connections_models_are_listed_by_name
    an_organization_reaches_its_own_and_the_platforms_models
    models_are_paged
    prices_come_back_newest_first
    a_model_has_one_price_from_a_moment_on
    the_snapshot_holds_all_that_can_be_called
}

async fn every_field_of_a_connection_comes_back(db: &Db) {
    let world = World::new(1);
    let tenant = world.tenant(db, "Acme").await;
    let full =
        Connection { organization_id: Some(tenant.organization.id), ..world.connection("Ünï %_", Environment::Live) };
    let bare = Connection { enabled: false, ..bare(world.connection("Sandbox", Environment::Test)) };
    insert(db, &[&full, &bare]).await;
    let mut read = db.read().await.unwrap();
    for connection in [&full, &bare] {
        assert_eq!(read.catalog().connection(connection.id).await.unwrap().as_ref(), Some(connection));
    }
    let unknown = ConnectionId::mint(world.now(), &world.entropy);
    assert_eq!(read.catalog().connection(unknown).await.unwrap(), None);
}

/// What the database gives back opens, unless someone copied it to another row.
async fn a_sealed_key_opens_for_its_own_connection_only(db: &Db) {
    let world = World::new(12);
    let vault = Vault::new(&Vault::generate(&world.entropy), world.entropy.clone()).unwrap();
    let (one, two) = (world.connection("one", Environment::Live), world.connection("two", Environment::Live));
    let sealed = vault.seal(Connection::api_key_place(one.id), b"sk-secret").unwrap();
    insert(db, &[&Connection { api_key: Some(sealed.clone()), ..one.clone() }]).await;
    insert(db, &[&Connection { api_key: Some(sealed), ..two.clone() }]).await;
    let mut read = db.read().await.unwrap();
    let mut open = async |id| {
        let sealed = read.catalog().connection(id).await.unwrap().unwrap().api_key.unwrap();
        vault.open(Connection::api_key_place(id), &sealed)
    };
    assert_eq!(open(one.id).await.unwrap(), b"sk-secret");
    assert_eq!(open(two.id).await, Err(VaultError::DoesNotOpen));
}

async fn an_update_writes_what_can_change_and_nothing_else(db: &Db) {
    let world = World::new(2);
    let (connection, other) = (world.connection("one", Environment::Live), world.connection("two", Environment::Live));
    insert(db, &[&connection, &other]).await;
    let changed = Connection {
        name: "renamed".parse().unwrap(),
        base_url: Some("https://eu.example.com/v1".into()),
        api_key: Some(vec![0, 255, 0]),
        api_key_last_four: Some("9999".into()),
        enabled: false,
        when_left: domain::catalog::WhenLeft::ReadOn,
        ..connection.clone()
    };
    for version in [changed.clone(), bare(changed)] {
        let forged = Connection { environment: Environment::Test, created_by: "user:forged".into(), ..version.clone() };
        let mut tx = db.begin().await.unwrap();
        tx.catalog().update_connection(&forged).await.unwrap();
        let kept = tx.catalog().connection(connection.id).await.unwrap();
        assert_eq!(kept, Some(Connection { provider: connection.provider, ..version }));
        assert_eq!(tx.catalog().connection(other.id).await.unwrap().as_ref(), Some(&other));
        tx.commit().await.unwrap();
    }
}

async fn the_platforms_connections_are_paged(db: &Db) {
    let world = World::new(3);
    let tenant = world.tenant(db, "Acme").await;
    let mut expected: Vec<ConnectionId> = Vec::new();
    for n in 0..9 {
        let ours = world.connection(&format!("connection {n}"), Environment::Live);
        let own = world.connection(&format!("own {n}"), Environment::Live);
        insert(db, &[&ours, &Connection { organization_id: Some(tenant.organization.id), ..own }]).await;
        expected.insert(0, ours.id);
    }
    for limit in [1, 4, 20] {
        let mut seen: Vec<ConnectionId> = Vec::new();
        loop {
            let mut read = db.read().await.unwrap();
            let page = read.catalog().platform_connections(seen.last().copied(), limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|c| c.id));
        }
        assert_eq!(seen, expected, "in pages of {limit}");
    }
}

async fn a_connections_name_is_unique_in_its_environment(db: &Db) {
    let world = World::new(4);
    insert(db, &[&world.connection("OpenAI", Environment::Live), &world.connection("OpenAI", Environment::Test)]).await;
    let twin = world.connection("OpenAI", Environment::Live);
    let refused = db.begin().await.unwrap().catalog().insert_connection(&twin).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
    let other = world.connection("Other", Environment::Live);
    insert(db, &[&other]).await;
    let renamed = Connection { name: twin.name, ..other };
    let refused = db.begin().await.unwrap().catalog().update_connection(&renamed).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
}

async fn a_model_is_there_once_however_often_it_is_found(db: &Db) {
    let world = World::new(5);
    let connection = world.connection("OpenAI", Environment::Live);
    insert(db, &[&connection]).await;
    let first = world.model(&connection, "gpt-5");
    let again = Model { context_window: None, ..world.model(&connection, "gpt-5") };
    let other_case = Model { context_window: None, ..world.model(&connection, "GPT-5") };
    let mut tx = db.begin().await.unwrap();
    let mut catalog = tx.catalog();
    assert_eq!(catalog.ensure_model(&first).await.unwrap(), first.id);
    assert_eq!(catalog.ensure_model(&again).await.unwrap(), first.id);
    assert_eq!(catalog.ensure_model(&other_case).await.unwrap(), other_case.id);
    assert_eq!(catalog.model(first.id).await.unwrap(), Some(first));
    assert_eq!(catalog.model(other_case.id).await.unwrap(), Some(other_case));
    assert_eq!(catalog.model(again.id).await.unwrap(), None);
}

async fn a_connections_models_are_listed_by_name(db: &Db) {
    let world = World::new(6);
    let (one, two) = (world.connection("one", Environment::Live), world.connection("two", Environment::Live));
    insert(db, &[&one, &two]).await;
    let mut tx = db.begin().await.unwrap();
    for name in ["o3", "gpt-5-mini", "Claude", "gpt-5", "gpt_4"] {
        tx.catalog().ensure_model(&world.model(&one, name)).await.unwrap();
        tx.catalog().ensure_model(&world.model(&two, "other")).await.unwrap();
    }
    let names: Vec<_> = tx.catalog().models_of(one.id).await.unwrap().into_iter().map(|m| m.upstream_id).collect();
    assert_eq!(names.iter().map(|n| n.as_str()).collect::<Vec<_>>(), ["Claude", "gpt-5", "gpt-5-mini", "gpt_4", "o3"]);
}

async fn an_organization_reaches_its_own_and_the_platforms_models(db: &Db) {
    let world = World::new(7);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let own = |name, tenant: &crate::support::Tenant| Connection {
        organization_id: Some(tenant.organization.id),
        ..world.connection(name, Environment::Live)
    };
    let platform = world.offer(db, world.connection("platform", Environment::Test), "sandbox/echo").await;
    let ours = world.offer(db, own("ours", &acme), "gpt-5").await;
    let theirs = world.offer(db, own("theirs", &other), "gpt-5").await;
    let off = Connection { enabled: false, ..world.connection("off", Environment::Live) };
    world.offer(db, off, "gpt-5").await;
    let reached = async |tenant: &crate::support::Tenant, environment| {
        let mut read = db.read().await.unwrap();
        let models = read.catalog().models(tenant.organization.id, environment, None, 10).await.unwrap();
        models.into_iter().map(|m| m.id).collect::<Vec<_>>()
    };
    assert_eq!(reached(&acme, None).await, [platform.model.id, ours.model.id]);
    assert_eq!(reached(&acme, Some(Environment::Test)).await, [platform.model.id]);
    assert_eq!(reached(&acme, Some(Environment::Live)).await, [ours.model.id]);
    assert_eq!(reached(&other, Some(Environment::Live)).await, [theirs.model.id]);
}

async fn models_are_paged(db: &Db) {
    let world = World::new(8);
    let tenant = world.tenant(db, "Acme").await;
    let connections = [world.connection("one", Environment::Live), world.connection("two", Environment::Live)];
    insert(db, &[&connections[0], &connections[1]]).await;
    let mut expected: Vec<ModelId> = Vec::new();
    let mut tx = db.begin().await.unwrap();
    for n in 0..13 {
        let model = world.model(&connections[n % 2], &format!("model-{n}"));
        expected.push(tx.catalog().ensure_model(&model).await.unwrap());
    }
    tx.commit().await.unwrap();
    for limit in [1, 5, 50] {
        let mut seen: Vec<ModelId> = Vec::new();
        loop {
            let mut read = db.read().await.unwrap();
            let after = seen.last().copied();
            let page = read.catalog().models(tenant.organization.id, None, after, limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|m| m.id));
        }
        assert_eq!(seen, expected, "in pages of {limit}");
    }
}

async fn prices_come_back_newest_first(db: &Db) {
    let world = World::new(9);
    let offer = world.offer(db, world.connection("one", Environment::Live), "gpt-5").await;
    let other = world.offer(db, world.connection("two", Environment::Live), "gpt-5").await;
    let start = offer.price.effective_from;
    let bare = Price {
        rates: Rates {
            input: Rate::ZERO,
            cached_input: None,
            cache_write: Some(Rate::ZERO),
            output: Rate::ZERO,
            reasoning: None,
            per_request: Money::ZERO,
        },
        ..world.price(&offer.model, start.plus(Duration::from_secs(86_400 * 365)))
    };
    let between = world.price(&offer.model, start.plus(Duration::from_micros(1)));
    let mut tx = db.begin().await.unwrap();
    for price in [&bare, &between] {
        tx.catalog().insert_price(price).await.unwrap();
    }
    let mut catalog = tx.catalog();
    let expected = [bare.clone(), between.clone(), offer.price.clone()];
    assert_eq!(catalog.prices(&[offer.model.id]).await.unwrap(), expected);
    let both = catalog.prices(&[offer.model.id, other.model.id]).await.unwrap();
    assert_eq!(both.len(), 4);
    assert!(both.is_sorted_by_key(|p| std::cmp::Reverse(p.effective_from)));
    assert_eq!(catalog.prices(&[]).await.unwrap(), []);
    let unknown = ModelId::mint(world.now(), &world.entropy);
    assert_eq!(catalog.prices(&[unknown]).await.unwrap(), []);
}

async fn a_model_has_one_price_from_a_moment_on(db: &Db) {
    let world = World::new(10);
    let offer = world.offer(db, world.connection("one", Environment::Live), "gpt-5").await;
    let twin = world.price(&offer.model, offer.price.effective_from);
    let refused = db.begin().await.unwrap().catalog().insert_price(&twin).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
    let orphan = world.price(&world.model(&offer.connection, "never inserted"), Timestamp::from_micros(0));
    let refused = db.begin().await.unwrap().catalog().insert_price(&orphan).await.unwrap_err();
    assert!(!refused.is_duplicate(), "{refused}");
}

async fn the_snapshot_holds_all_that_can_be_called(db: &Db) {
    let world = World::new(11);
    let tenant = world.tenant(db, "Acme").await;
    let sandbox = world
        .offer(db, Connection { provider: Provider::Sandbox, ..bare(world.connection("s", Environment::Test)) }, "echo")
        .await;
    let own = Connection { organization_id: Some(tenant.organization.id), ..world.connection("o", Environment::Live) };
    let own = world.offer(db, own, "gpt-5").await;
    let off = Connection { enabled: false, ..world.connection("off", Environment::Live) };
    let off = world.offer(db, off, "gpt-5").await;
    let unpriced = Model { context_window: None, ..world.model(&own.connection, "a-new-one") };
    let future = world.price(&own.model, own.price.effective_from.plus(Duration::from_secs(86_400)));
    let mut tx = db.begin().await.unwrap();
    tx.catalog().ensure_model(&unpriced).await.unwrap();
    tx.catalog().insert_price(&future).await.unwrap();
    tx.commit().await.unwrap();
    let expected = [
        entry(&sandbox.connection, &sandbox.model, vec![sandbox.price]),
        entry(&own.connection, &unpriced, vec![]),
        entry(&own.connection, &own.model, vec![future, own.price]),
    ];
    assert_eq!(db.read().await.unwrap().catalog().snapshot().await.unwrap(), expected);
    // Staff look at a connection's models also while it is off.
    let shown = db.read().await.unwrap().catalog().entries_of(off.connection.id).await.unwrap();
    assert_eq!(shown, [entry(&off.connection, &off.model, vec![off.price])]);
}

fn entry(connection: &Connection, model: &Model, prices: Vec<Price>) -> CatalogEntry {
    let c = connection.clone();
    CatalogEntry {
        model: model.id,
        upstream_id: model.upstream_id.clone(),
        context_window: model.context_window,
        connection: c.id,
        connection_name: c.name,
        organization: c.organization_id,
        provider: c.provider,
        environment: c.environment,
        base_url: c.base_url,
        when_left: connection.when_left,
        sealed_api_key: c.api_key,
        prices,
    }
}

/// Without what is only there when there is somebody at the other end.
fn bare(connection: Connection) -> Connection {
    Connection { base_url: None, api_key: None, api_key_last_four: None, ..connection }
}

async fn insert(db: &Db, connections: &[&Connection]) {
    let mut tx = db.begin().await.unwrap();
    for connection in connections {
        tx.catalog().insert_connection(connection).await.unwrap();
    }
    tx.commit().await.unwrap();
}
