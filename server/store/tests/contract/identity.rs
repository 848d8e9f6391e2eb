use std::time::Duration;

use domain::{OrganizationId, TokenId, UserId, identity::Role, secrets::SecretHash};
use sqlx::types::Json;
use store::{
    Db,
    identity::{Session, Token, User},
};

use crate::support::World;

contract! {
    people_come_back_by_id_and_address
    an_address_and_a_membership_are_unique
    memberships_are_an_organizations_own
    sessions_come_back_by_hash_and_end
    a_sessions_last_use_never_moves_back
    ended_and_idle_sessions_are_forgotten
    tokens_come_back_by_hash_and_id
    a_persons_tokens_are_paged
    tokens_are_used_and_revoked_once
    names_are_found_for_many_at_once
    members_are_found_by_their_addresses
}

async fn people_come_back_by_id_and_address(db: &Db) {
    let world = World::new(1);
    let full = User { super_admin: true, ..world.user("mara.o'neil+x@example.com") };
    let bare = User { password_hash: None, ..world.user("sso@example.com") };
    let mut tx = db.begin().await.unwrap();
    for user in [&full, &bare] {
        tx.identity().insert_user(user).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    for user in [&full, &bare] {
        assert_eq!(read.identity().user(user.id).await.unwrap().as_ref(), Some(user));
        assert_eq!(read.identity().user_by_email(&user.email).await.unwrap().as_ref(), Some(user));
    }
    assert_eq!(read.identity().user_by_email(&"_so@example.com".parse().unwrap()).await.unwrap(), None);
    assert_eq!(read.identity().user(UserId::mint(world.now(), &world.entropy)).await.unwrap(), None);
}

async fn members_are_found_by_their_addresses(db: &Db) {
    let world = World::new(11);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let mut emails = vec![acme.owner.email.clone(), other.owner.email.clone()];
    emails.extend((0..600).map(|n| format!("nobody-{n}@example.com").parse().unwrap()));
    let mut read = db.read().await.unwrap();
    let found = read.identity().members_by_email(acme.organization.id, &emails).await.unwrap();
    assert_eq!(found, [(acme.owner.email.clone(), acme.owner.id)], "another organization's people are not");
    assert_eq!(read.identity().members_by_email(acme.organization.id, &[]).await.unwrap(), []);
}

async fn an_address_and_a_membership_are_unique(db: &Db) {
    let world = World::new(2);
    let tenant = world.tenant(db, "Acme").await;
    let twin = world.user(&tenant.owner.email.as_str().to_uppercase());
    let refused = db.begin().await.unwrap().identity().insert_user(&twin).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
    let again = world.membership(&tenant.organization, &tenant.owner, Role::Analyst);
    let refused = db.begin().await.unwrap().identity().insert_membership(&again).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
}

async fn memberships_are_an_organizations_own(db: &Db) {
    let world = World::new(3);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let mut expected = db.read().await.unwrap().identity().memberships(acme.owner.id).await.unwrap();
    assert_eq!(expected.len(), 1);
    assert_eq!((expected[0].organization_id, expected[0].role), (acme.organization.id, Role::Owner));
    for role in [Role::Admin, Role::Developer, Role::Analyst] {
        let organization = world.organization(role.as_str());
        let membership = world.membership(&organization, &acme.owner, role);
        let mut tx = db.begin().await.unwrap();
        tx.organizations().insert(&organization).await.unwrap();
        tx.identity().insert_membership(&membership).await.unwrap();
        tx.commit().await.unwrap();
        expected.push(membership);
    }
    let mut read = db.read().await.unwrap();
    assert_eq!(read.identity().memberships(acme.owner.id).await.unwrap(), expected, "oldest first");
    for membership in &expected {
        let found = read.identity().membership(membership.organization_id, acme.owner.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(membership));
    }
    assert_eq!(read.identity().membership(other.organization.id, acme.owner.id).await.unwrap(), None);
    assert_eq!(read.identity().membership(acme.organization.id, other.owner.id).await.unwrap(), None);
}

async fn sessions_come_back_by_hash_and_end(db: &Db) {
    let world = World::new(4);
    let tenant = world.tenant(db, "Acme").await;
    let full = world.session(&tenant.organization, &tenant.owner);
    let bare = Session { ip: None, user_agent: None, ..world.session(&tenant.organization, &tenant.owner) };
    let mut tx = db.begin().await.unwrap();
    let mut identity = tx.identity();
    for session in [&full, &bare] {
        identity.insert_session(session).await.unwrap();
    }
    for session in [&full, &bare] {
        assert_eq!(identity.session(&session.secret_hash).await.unwrap().as_ref(), Some(session));
    }
    assert_eq!(identity.session(&SecretHash::of("unknown")).await.unwrap(), None);
    assert!(identity.delete_session(full.id).await.unwrap());
    assert!(!identity.delete_session(full.id).await.unwrap(), "there is none left to end");
    assert_eq!(identity.session(&full.secret_hash).await.unwrap(), None);
    assert_eq!(identity.session(&bare.secret_hash).await.unwrap(), Some(bare.clone()));
    let twin = Session { secret_hash: bare.secret_hash, ..world.session(&tenant.organization, &tenant.owner) };
    assert!(identity.insert_session(&twin).await.unwrap_err().is_duplicate());
}

async fn a_sessions_last_use_never_moves_back(db: &Db) {
    let world = World::new(5);
    let tenant = world.tenant(db, "Acme").await;
    let session = world.session(&tenant.organization, &tenant.owner);
    let (earlier, later) = (session.last_seen_at.minus(Duration::from_secs(60)), world.now());
    let mut tx = db.begin().await.unwrap();
    tx.identity().insert_session(&session).await.unwrap();
    for at in [later, earlier] {
        tx.identity().touch_session(session.id, at).await.unwrap();
    }
    let seen = tx.identity().session(&session.secret_hash).await.unwrap().unwrap();
    assert_eq!(seen, Session { last_seen_at: later, ..session });
}

async fn ended_and_idle_sessions_are_forgotten(db: &Db) {
    let world = World::new(6);
    let tenant = world.tenant(db, "Acme").await;
    let (idle_since, now) = (world.now(), world.now());
    let micro = Duration::from_micros(1);
    let session = || world.session(&tenant.organization, &tenant.owner);
    let kept = Session { last_seen_at: idle_since, expires_at: now, ..session() };
    let ended = Session { last_seen_at: now, expires_at: now.minus(micro), ..session() };
    let idle = Session { last_seen_at: idle_since.minus(micro), expires_at: now.plus(micro), ..session() };
    let mut tx = db.begin().await.unwrap();
    for session in [&kept, &ended, &idle] {
        tx.identity().insert_session(session).await.unwrap();
    }
    assert_eq!(tx.identity().prune_sessions(now, idle_since).await.unwrap(), 2);
    assert_eq!(tx.identity().session(&kept.secret_hash).await.unwrap(), Some(kept));
}

async fn tokens_come_back_by_hash_and_id(db: &Db) {
    let world = World::new(7);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let bare = Token { scopes: Json(vec![]), ..world.token(&acme.organization, &acme.owner, "Ünï") };
    let full = Token {
        expires_at: Some(world.now()),
        last_used_at: Some(world.now()),
        revoked_at: Some(world.now()),
        ..world.token(&acme.organization, &acme.owner, "terraform")
    };
    let mut tx = db.begin().await.unwrap();
    let mut identity = tx.identity();
    for token in [&bare, &full] {
        identity.insert_token(token).await.unwrap();
    }
    for token in [&bare, &full] {
        assert_eq!(identity.token_by_hash(&token.secret_hash).await.unwrap().as_ref(), Some(token));
        assert_eq!(identity.token(acme.organization.id, token.id).await.unwrap().as_ref(), Some(token));
        assert_eq!(identity.token(other.organization.id, token.id).await.unwrap(), None);
    }
    assert_eq!(identity.token_by_hash(&SecretHash::of("unknown")).await.unwrap(), None);
    let twin = Token { secret_hash: bare.secret_hash, ..world.token(&acme.organization, &acme.owner, "twin") };
    assert!(identity.insert_token(&twin).await.unwrap_err().is_duplicate());
}

async fn a_persons_tokens_are_paged(db: &Db) {
    let world = World::new(8);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let mut expected: Vec<TokenId> = Vec::new();
    let mut tx = db.begin().await.unwrap();
    for n in 0..11 {
        let token = world.token(&acme.organization, &acme.owner, &format!("token {n}"));
        tx.identity().insert_token(&token).await.unwrap();
        expected.insert(0, token.id);
        for (organization, owner) in [(&acme, &other), (&other, &acme)] {
            let foreign = world.token(&organization.organization, &owner.owner, "foreign");
            tx.identity().insert_token(&foreign).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let page = async |organization: OrganizationId, before, limit| {
        db.read().await.unwrap().identity().tokens(organization, acme.owner.id, before, limit).await.unwrap()
    };
    for limit in [1, 4, 50] {
        let mut seen: Vec<TokenId> = Vec::new();
        loop {
            let tokens = page(acme.organization.id, seen.last().copied(), limit).await;
            if tokens.is_empty() {
                break;
            }
            seen.extend(tokens.iter().map(|t| t.id));
        }
        assert_eq!(seen, expected, "in pages of {limit}");
    }
    assert_eq!(page(other.organization.id, None, 50).await.len(), 11);
}

async fn tokens_are_used_and_revoked_once(db: &Db) {
    let world = World::new(9);
    let tenant = world.tenant(db, "Acme").await;
    let token = world.token(&tenant.organization, &tenant.owner, "ci");
    let (used, revoked, late) = (world.now(), world.now(), world.now());
    let mut tx = db.begin().await.unwrap();
    let mut identity = tx.identity();
    identity.insert_token(&token).await.unwrap();
    for at in [used, token.created_at] {
        identity.touch_token(token.id, at).await.unwrap();
    }
    assert!(identity.revoke_token(token.id, revoked).await.unwrap());
    assert!(!identity.revoke_token(token.id, late).await.unwrap(), "it was not in force any more");
    let kept = identity.token(tenant.organization.id, token.id).await.unwrap().unwrap();
    assert_eq!(kept, Token { last_used_at: Some(used), revoked_at: Some(revoked), ..token });
}

async fn names_are_found_for_many_at_once(db: &Db) {
    let world = World::new(10);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let ours = world.token(&acme.organization, &acme.owner, "ours");
    let theirs = world.token(&other.organization, &other.owner, "theirs");
    let mut tx = db.begin().await.unwrap();
    let mut identity = tx.identity();
    identity.insert_token(&ours).await.unwrap();
    identity.insert_token(&theirs).await.unwrap();
    let unknown = UserId::mint(world.now(), &world.entropy);
    let people = identity.user_names(&[acme.owner.id, unknown, acme.owner.id]).await.unwrap();
    assert_eq!(people, [(acme.owner.id, acme.owner.name.clone())]);
    assert_eq!(identity.user_names(&[]).await.unwrap(), []);
    let members = identity.people(acme.organization.id).await.unwrap();
    assert_eq!(members, people, "not another organization's");
    let tokens = identity.token_names(acme.organization.id, &[ours.id, theirs.id]).await.unwrap();
    assert_eq!(tokens, [(ours.id, ours.name)], "not another organization's");
    assert_eq!(identity.token_names(acme.organization.id, &[]).await.unwrap(), []);
}
