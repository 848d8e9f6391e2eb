use domain::{ViewId, views::List};
use store::{Db, views::View};

use crate::support::{Tenant, World};

contract! {
    a_view_is_its_makers_or_shared
    an_update_writes_what_can_change
    a_list_opens_with_one_view_or_none
}

fn view(world: &World, tenant: &Tenant, name: &str, shared: bool, position: i64) -> View {
    let at = world.now();
    View {
        id: ViewId::mint(at, &world.entropy),
        organization_id: tenant.organization.id,
        user_id: tenant.owner.id,
        list: List::Keys,
        name: name.parse().unwrap(),
        query: [("q", "a=b & c"), ("sort", "-cost")].into_iter().collect(),
        shared,
        position,
        created_at: at,
    }
}

async fn a_view_is_its_makers_or_shared(db: &Db) {
    let world = World::new(1);
    let (ours, theirs) = (world.tenant(db, "Ours").await, world.tenant(db, "Theirs").await);
    let (own, shared) = (view(&world, &ours, "Own", false, 2), view(&world, &ours, "Shared", true, 1));
    let neighbours = view(&world, &theirs, "Neighbours", true, 0);
    let mut tx = db.begin().await.unwrap();
    for view in [&own, &shared, &neighbours] {
        tx.views().insert(view).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (organization, owner, stranger) = (ours.organization.id, ours.owner.id, theirs.owner.id);
    let mut read = db.read().await.unwrap();
    let mut views = read.views();
    let seen = views.seen_by(organization, owner, List::Keys).await.unwrap();
    assert_eq!(seen, [shared.clone(), own.clone()], "in their order");
    assert_eq!(views.seen_by(organization, stranger, List::Keys).await.unwrap(), std::slice::from_ref(&shared));
    assert_eq!(views.get(organization, owner, own.id).await.unwrap(), Some(own.clone()));
    assert_eq!(views.get(organization, stranger, own.id).await.unwrap(), None);
    assert_eq!(views.get(organization, stranger, shared.id).await.unwrap(), Some(shared));
    assert_eq!(views.get(organization, owner, neighbours.id).await.unwrap(), None);
}

async fn an_update_writes_what_can_change(db: &Db) {
    let world = World::new(2);
    let tenant = world.tenant(db, "Acme").await;
    let (organization, owner) = (tenant.organization.id, tenant.owner.id);
    let before = view(&world, &tenant, "Before", false, 0);
    let after = View {
        name: "After".parse().unwrap(),
        query: [("status", "active")].into_iter().collect(),
        shared: true,
        position: 7,
        ..before.clone()
    };
    let mut tx = db.begin().await.unwrap();
    let mut views = tx.views();
    views.insert(&before).await.unwrap();
    let elsewhere = world.organization("Elsewhere");
    views.update(&View { organization_id: elsewhere.id, ..after.clone() }).await.unwrap();
    assert_eq!(views.get(organization, owner, before.id).await.unwrap(), Some(before.clone()));
    views.update(&after).await.unwrap();
    assert_eq!(views.get(organization, owner, before.id).await.unwrap(), Some(after));
    views.delete(elsewhere.id, before.id).await.unwrap();
    assert!(views.get(organization, owner, before.id).await.unwrap().is_some());
    views.delete(organization, before.id).await.unwrap();
    assert_eq!(views.get(organization, owner, before.id).await.unwrap(), None);
}

async fn a_list_opens_with_one_view_or_none(db: &Db) {
    let world = World::new(3);
    let tenant = world.tenant(db, "Acme").await;
    let (organization, owner) = (tenant.organization.id, tenant.owner.id);
    let (one, other) = (view(&world, &tenant, "One", false, 0), view(&world, &tenant, "Other", false, 1));
    let mut tx = db.begin().await.unwrap();
    let mut views = tx.views();
    views.insert(&one).await.unwrap();
    for choice in [Some(one.id), Some(other.id), None, Some(one.id)] {
        views.open_with(organization, owner, List::Keys, choice).await.unwrap();
        assert_eq!(views.default_of(organization, owner, List::Keys).await.unwrap(), choice);
    }
    views.delete(organization, one.id).await.unwrap();
    assert_eq!(views.default_of(organization, owner, List::Keys).await.unwrap(), None, "it is gone");
}
