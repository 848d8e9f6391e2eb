use std::collections::BTreeSet;

use domain::OrganizationId;
use store::Db;

use crate::support::World;

contract! {
    every_field_comes_back
    teams_are_listed_by_name_and_for_their_own_organization
    members_are_found_in_their_own_organizations_teams
    a_teams_name_is_unique_in_its_organization
}

async fn every_field_comes_back(db: &Db) {
    let world = World::new(1);
    assert_eq!(db.read().await.unwrap().organizations().count().await.unwrap(), 0);
    let organization = world.organization("Ørsted & Søn – 李");
    let mut tx = db.begin().await.unwrap();
    tx.organizations().insert(&organization).await.unwrap();
    tx.organizations().insert(&world.organization("Ørsted & Søn – 李")).await.unwrap();
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    assert_eq!(read.organizations().count().await.unwrap(), 2, "two may have one name");
    assert_eq!(read.organizations().get(organization.id).await.unwrap(), Some(organization));
    let unknown = OrganizationId::mint(world.now(), &world.entropy);
    assert_eq!(read.organizations().get(unknown).await.unwrap(), None);
}

async fn teams_are_listed_by_name_and_for_their_own_organization(db: &Db) {
    let world = World::new(2);
    let (acme, other) = (world.organization("Acme"), world.organization("Other"));
    let mut tx = db.begin().await.unwrap();
    tx.organizations().insert(&acme).await.unwrap();
    tx.organizations().insert(&other).await.unwrap();
    let parent = world.team(&acme, None, "beta");
    let child = world.team(&acme, Some(&parent), "Zeta");
    let teams = [parent, child, world.team(&acme, None, "Alpha"), world.team(&acme, None, "Ärzte")];
    for team in &teams {
        tx.organizations().insert_team(team).await.unwrap();
    }
    let theirs = world.team(&other, None, "Alpha");
    tx.organizations().insert_team(&theirs).await.unwrap();
    tx.commit().await.unwrap();
    let [beta, zeta, alpha, arzte] = teams;
    let mut read = db.read().await.unwrap();
    assert_eq!(read.organizations().teams(acme.id).await.unwrap(), [alpha, beta, zeta, arzte]);
    assert_eq!(read.organizations().teams(other.id).await.unwrap(), [theirs]);
}

async fn members_are_found_in_their_own_organizations_teams(db: &Db) {
    let world = World::new(3);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let mut tx = db.begin().await.unwrap();
    let person = acme.owner.id;
    for team in [acme.department.id, acme.team.id, other.team.id] {
        tx.organizations().add_team_member(team, person).await.unwrap();
        tx.organizations().add_team_member(team, person).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    let found = read.organizations().teams_of(acme.organization.id, person).await.unwrap();
    assert_eq!(found.len(), 2, "added twice is in it once");
    assert_eq!(BTreeSet::from_iter(found), BTreeSet::from([acme.department.id, acme.team.id]));
    assert_eq!(read.organizations().teams_of(other.organization.id, person).await.unwrap(), [other.team.id]);
    assert_eq!(read.organizations().teams_of(acme.organization.id, other.owner.id).await.unwrap(), []);
}

async fn a_teams_name_is_unique_in_its_organization(db: &Db) {
    let world = World::new(4);
    let tenant = world.tenant(db, "Acme").await;
    let twin = world.team(&tenant.organization, None, tenant.team.name.as_str());
    let refused = db.begin().await.unwrap().organizations().insert_team(&twin).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
    let refused = db.begin().await.unwrap().organizations().insert(&tenant.organization).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
}
