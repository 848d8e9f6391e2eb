use domain::{
    LimitId,
    budgets::Scope,
    keys::Environment,
    limits::{Limit, LimitKind},
    usage::Endpoint,
};
use store::{
    Db,
    limits::{Leased, StoredLimit},
};
use uuid::Uuid;

use crate::{
    nodes::{LONG, begin},
    support::{Tenant, World},
};

contract! {
    every_field_of_a_limit_comes_back
    there_is_one_limit_of_a_kind
    a_burst_is_never_more_than_the_amount
    leases_belong_to_a_node_and_end_with_it_or_with_the_limit
}

impl World {
    fn limit(&self, tenant: &Tenant, scope: Scope, endpoint: Option<Endpoint>, kind: LimitKind) -> StoredLimit {
        let at = self.now();
        let amount = self.below(1_000_000_000) + 1;
        let (id, environment, burst) = (LimitId::mint(at, &self.entropy), Environment::Live, self.below(amount) + 1);
        StoredLimit {
            organization: tenant.organization.id,
            limit: Limit { id, scope, environment, endpoint, kind, amount, burst },
            created_at: at,
            created_by: format!("user:{}", tenant.owner.id),
        }
    }
}

async fn insert(db: &Db, limit: &StoredLimit) -> store::Result<()> {
    let mut tx = db.begin().await?;
    tx.limits().insert(limit).await?;
    tx.commit().await
}

async fn every_field_of_a_limit_comes_back(db: &Db) {
    let world = World::new(1);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    assert_eq!(db.read().await.unwrap().limits().organizations().await.unwrap(), []);
    let scopes = [
        Scope::Organization(acme.organization.id),
        Scope::Team(acme.team.id),
        Scope::User(acme.owner.id),
        Scope::Key(acme.key.id),
    ];
    let mut made = Vec::new();
    for scope in scopes {
        for kind in LimitKind::ALL {
            for endpoint in [None, Some(Endpoint::Embeddings)] {
                let limit = world.limit(&acme, scope, endpoint, *kind);
                insert(db, &limit).await.unwrap();
                made.push(limit);
            }
        }
    }
    let mut tx = db.begin().await.unwrap();
    let mut limits = tx.limits();
    assert_eq!(limits.list(acme.organization.id).await.unwrap(), made);
    assert_eq!(limits.list(other.organization.id).await.unwrap(), []);
    assert_eq!(limits.organizations().await.unwrap(), [acme.organization.id]);
    let id = made[3].limit.id;
    assert_eq!(limits.get(acme.organization.id, id).await.unwrap().as_ref(), Some(&made[3]));
    assert_eq!(limits.get_for_update(acme.organization.id, id).await.unwrap().as_ref(), Some(&made[3]));
    assert_eq!(limits.get(other.organization.id, id).await.unwrap(), None, "another organization's");
    assert_eq!(limits.get_for_update(other.organization.id, id).await.unwrap(), None, "another organization's");
    limits.update(id, 1_000_000_000, 7).await.unwrap();
    let changed = limits.get(acme.organization.id, id).await.unwrap().unwrap();
    let expected = Limit { amount: 1_000_000_000, burst: 7, ..made[3].limit };
    assert_eq!(changed, StoredLimit { limit: expected, ..made[3].clone() });
    limits.delete(id).await.unwrap();
    assert_eq!(limits.get(acme.organization.id, id).await.unwrap(), None);
    assert_eq!(limits.list(acme.organization.id).await.unwrap().len(), made.len() - 1);
}

async fn there_is_one_limit_of_a_kind(db: &Db) {
    let world = World::new(2);
    let acme = world.tenant(db, "Acme").await;
    let scope = Scope::Key(acme.key.id);
    for endpoint in [None, Some(Endpoint::Embeddings), Some(Endpoint::ChatCompletions)] {
        insert(db, &world.limit(&acme, scope, endpoint, LimitKind::Requests)).await.unwrap();
        insert(db, &world.limit(&acme, scope, endpoint, LimitKind::Tokens)).await.unwrap();
        let mut test = world.limit(&acme, scope, endpoint, LimitKind::Requests);
        test.limit.environment = Environment::Test;
        insert(db, &test).await.unwrap();
        let refused = insert(db, &world.limit(&acme, scope, endpoint, LimitKind::Requests)).await.unwrap_err();
        assert!(refused.is_duplicate(), "{refused}");
    }
}

async fn a_burst_is_never_more_than_the_amount(db: &Db) {
    let world = World::new(3);
    let acme = world.tenant(db, "Acme").await;
    let mut limit = world.limit(&acme, Scope::Key(acme.key.id), None, LimitKind::Requests);
    for (amount, burst) in [(5, 6), (5, 0), (0, 0)] {
        (limit.limit.amount, limit.limit.burst) = (amount, burst);
        insert(db, &limit).await.unwrap_err();
    }
}

async fn leases_belong_to_a_node_and_end_with_it_or_with_the_limit(db: &Db) {
    let world = World::new(4);
    let acme = world.tenant(db, "Acme").await;
    let limit = world.limit(&acme, Scope::Key(acme.key.id), None, LimitKind::Parallel);
    insert(db, &limit).await.unwrap();
    let id = limit.limit.id;
    let ((one, _), (two, _)) = (begin(db, &world, "one", LONG).await, begin(db, &world, "two", LONG).await);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.limits().leased(one, id).await.unwrap(), Leased::default());
    tx.limits().lease(one, id, 5).await.unwrap();
    tx.limits().lease(two, id, 2).await.unwrap();
    tx.limits().lease(one, id, 4).await.unwrap();
    assert_eq!(tx.limits().leased(one, id).await.unwrap(), Leased { here: 4, elsewhere: 2 });
    assert_eq!(tx.limits().leased_elsewhere(one).await.unwrap(), [(id, 2)]);
    tx.limits().lease(two, id, 0).await.unwrap();
    assert_eq!(tx.limits().leased_elsewhere(one).await.unwrap(), []);
    tx.limits().lease(two, id, 3).await.unwrap();
    tx.nodes().end(two).await.unwrap();
    assert_eq!(tx.limits().leased(one, id).await.unwrap(), Leased { here: 4, elsewhere: 0 });
    tx.nodes().begin(one, Uuid::from_u128(9), "one", LONG).await.unwrap();
    assert_eq!(tx.limits().leased(one, id).await.unwrap(), Leased::default(), "a process begins with none");
    tx.limits().lease(one, id, 1).await.unwrap();
    tx.limits().delete(id).await.unwrap();
    assert_eq!(tx.limits().leased(one, id).await.unwrap(), Leased::default());
}
