use domain::{
    TemplateId,
    budgets::Scope,
    keys::Environment,
    templates::{Allowed, Recipe},
};
use store::{
    Db,
    keys::Key,
    templates::{Template, TemplateVersion},
};

use crate::support::{Tenant, World};

contract! {
    three_come_ready_made
    a_template_is_its_organizations_or_everyones
    a_version_is_added_and_never_changed
    keys_are_counted_by_template
    a_form_begins_with_one_template_or_none
    bounds_are_found_by_their_keys
}

fn recipe(environment: &str) -> Recipe {
    let text = r#","stage":"Öl","rules":{"models":["a*"]},"limits":[{"kind":"parallel_requests","amount":3}],
        "budget":{"amount":"1.5","period":"month"},"names":"x-*","required":{"team":true},"locked":["models","budget"]}"#;
    serde_json::from_str(&format!(r#"{{"environment":"{environment}"{text}"#)).unwrap()
}

fn template(world: &World, tenant: Option<&Tenant>, name: &str) -> Template {
    let at = world.now();
    Template {
        id: TemplateId::mint(at, &world.entropy),
        organization_id: tenant.map(|tenant| tenant.organization.id),
        name: name.parse().unwrap(),
        description: "When\nneeded".parse().unwrap(),
        allowed: Allowed { roles: vec![domain::identity::Role::Developer], teams: vec![] },
        version: 1,
        recipe: recipe("test"),
        retired_at: None,
        created_at: at,
    }
}

async fn three_come_ready_made(db: &Db) {
    let world = World::new(1);
    let tenant = world.tenant(db, "Acme").await;
    let list = db.read().await.unwrap().templates().list(tenant.organization.id).await.unwrap();
    let found: Vec<_> = list.iter().map(|t| (t.name.as_str(), t.recipe.environment, t.organization_id)).collect();
    let expected = [
        ("Development", Environment::Test, None),
        ("Staging", Environment::Test, None),
        ("Production", Environment::Live, None),
    ];
    assert_eq!(found, expected);
    for template in list {
        template.recipe.check().unwrap();
        assert!(template.created_at > domain::Timestamp::from_micros(1_700_000_000_000_000), "{}", template.created_at);
    }
}

async fn a_template_is_its_organizations_or_everyones(db: &Db) {
    let world = World::new(2);
    let (ours, theirs) = (world.tenant(db, "Ours").await, world.tenant(db, "Theirs").await);
    let (own, other, common) =
        (template(&world, Some(&ours), "Own"), template(&world, Some(&theirs), "Other"), template(&world, None, "All"));
    let mut tx = db.begin().await.unwrap();
    for template in [&own, &other, &common] {
        tx.templates().insert(template, "system:test").await.unwrap();
    }
    let organization = ours.organization.id;
    let mut templates = tx.templates();
    assert_eq!(templates.list(organization).await.unwrap()[3..], [common.clone(), own.clone()]);
    assert_eq!(templates.get(organization, own.id).await.unwrap(), Some(own.clone()));
    assert_eq!(templates.get_for_update(organization, common.id).await.unwrap(), Some(common));
    assert_eq!(templates.get(organization, other.id).await.unwrap(), None);
    assert_eq!(templates.get_for_update(organization, other.id).await.unwrap(), None);
    assert_eq!(templates.versions(organization, other.id).await.unwrap(), []);
    assert_eq!(templates.version(organization, other.id, 1).await.unwrap(), None);
}

async fn a_version_is_added_and_never_changed(db: &Db) {
    let world = World::new(3);
    let tenant = world.tenant(db, "Acme").await;
    let (before, organization) = (template(&world, Some(&tenant), "Before"), tenant.organization.id);
    let mut tx = db.begin().await.unwrap();
    let mut templates = tx.templates();
    templates.insert(&before, "system:test").await.unwrap();
    let second = TemplateVersion {
        template_id: before.id,
        version: 2,
        recipe: recipe("live"),
        created_at: world.now(),
        created_by: "user:x".into(),
    };
    templates.add_version(&second).await.unwrap();
    let after = Template {
        name: "After".parse().unwrap(),
        description: Default::default(),
        allowed: Allowed { roles: vec![], teams: vec![tenant.team.id] },
        version: 2,
        recipe: second.recipe.clone(),
        retired_at: Some(world.now()),
        ..before.clone()
    };
    templates.update(&after).await.unwrap();
    assert_eq!(templates.get(organization, before.id).await.unwrap(), Some(after));
    let versions = templates.versions(organization, before.id).await.unwrap();
    assert_eq!((versions.len(), &versions[0], &versions[1].recipe), (2, &second, &before.recipe));
    assert_eq!(templates.version(organization, before.id, 2).await.unwrap(), Some(second.clone()));
    assert_eq!(templates.version(organization, before.id, 3).await.unwrap(), None);
    assert!(templates.add_version(&second).await.unwrap_err().is_duplicate());
}

async fn keys_are_counted_by_template(db: &Db) {
    let world = World::new(4);
    let (tenant, others) = (world.tenant(db, "Acme").await, world.tenant(db, "Others").await);
    let mut common = template(&world, None, "All");
    let mut tx = db.begin().await.unwrap();
    tx.templates().insert(&common, "system:test").await.unwrap();
    common.version = 2;
    let second = TemplateVersion {
        template_id: common.id,
        version: 2,
        recipe: recipe("test"),
        created_at: world.now(),
        created_by: "system:test".into(),
    };
    tx.templates().add_version(&second).await.unwrap();
    tx.templates().update(&common).await.unwrap();
    for (tenant, version) in [(&tenant, 1), (&tenant, 1), (&tenant, 2), (&others, 1)] {
        let key = world.key(&tenant.organization, "by template");
        tx.keys().insert(&Key { template_id: Some(common.id), template_version: Some(version), ..key }).await.unwrap();
    }
    let counts = tx.templates().keys(tenant.organization.id).await.unwrap();
    assert_eq!(counts.iter().map(|c| (c.template_id, c.keys, c.behind)).collect::<Vec<_>>(), [(common.id, 3, 2)]);
}

async fn a_form_begins_with_one_template_or_none(db: &Db) {
    let world = World::new(5);
    let (tenant, others) = (world.tenant(db, "Acme").await, world.tenant(db, "Others").await);
    let (one, other) = (template(&world, None, "One"), template(&world, Some(&tenant), "Other"));
    let mut tx = db.begin().await.unwrap();
    let organization = tenant.organization.id;
    let mut templates = tx.templates();
    templates.insert(&one, "system:test").await.unwrap();
    templates.insert(&other, "system:test").await.unwrap();
    assert_eq!(templates.default_of(organization).await.unwrap(), None);
    for template in [Some(one.id), Some(other.id), None, None] {
        templates.begin_with(organization, template).await.unwrap();
        assert_eq!(templates.default_of(organization).await.unwrap(), template);
        assert_eq!(templates.default_of(others.organization.id).await.unwrap(), None);
    }
}

async fn bounds_are_found_by_their_keys(db: &Db) {
    let world = World::new(6);
    let (tenant, others) = (world.tenant(db, "Acme").await, world.tenant(db, "Others").await);
    let organization = tenant.organization.id;
    let mut tx = db.begin().await.unwrap();
    let of = |tenant: &Tenant, scope| {
        (crate::bulk::budget(&world, tenant, scope), crate::bulk::limit(&world, tenant, scope))
    };
    let (budget, limit) = of(&tenant, Scope::Key(tenant.key.id));
    for (budget, limit) in [
        (budget.clone(), limit.clone()),
        of(&tenant, Scope::Team(tenant.team.id)),
        of(&others, Scope::Key(others.key.id)),
    ] {
        tx.budgets().insert(&budget).await.unwrap();
        tx.limits().insert(&limit).await.unwrap();
    }
    let keys = [tenant.key.id, others.key.id];
    assert_eq!(tx.budgets().of_keys(organization, &keys).await.unwrap(), [budget]);
    assert_eq!(tx.limits().of_keys(organization, &keys).await.unwrap(), [limit]);
    assert_eq!(tx.limits().of_keys(organization, &[]).await.unwrap(), []);
    assert_eq!(tx.budgets().of_keys(organization, &[]).await.unwrap(), []);
}
