//! What the gateway takes before it forwards a call: key, policy, route, limits and budgets.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]

#[path = "../../integrations/tests/integration/redis_server.rs"]
mod redis_server;
#[path = "../tests/gateway/support/mod.rs"]
mod support;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use domain::{
    BudgetId, LimitId, Money,
    budgets::{Budget, Period, Scope},
    keys::Environment,
    limits::{Limit, LimitKind},
};
use gateway::bench::admits;
use http::{HeaderMap, HeaderValue, header};
use store::{budgets::StoredBudget, changes::Change, limits::StoredLimit};
use support::{World, client::chat};

fn admission(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for bound in [false, true] {
        let (_world, running, headers) = runtime.block_on(start(bound));
        let body = Bytes::from(chat("sandbox/small", "What is the capital of France?").to_string());
        let name = if bound { "with six limits and four hard budgets" } else { "without limits and budgets" };
        criterion.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                assert!(admits(&running.gateway, &headers, &body).await);
            });
        });
    }
}

async fn start(bound: bool) -> (World, support::Running, HeaderMap) {
    let world = World::new().await;
    if bound {
        bind(&world).await;
    }
    let running = world.start().await;
    let mut headers = HeaderMap::new();
    let key = HeaderValue::try_from(format!("Bearer {}", world.key.expose())).unwrap();
    headers.insert(header::AUTHORIZATION, key);
    (world, running, headers)
}

/// Limits and budgets that are never reached.
async fn bind(world: &World) {
    let now = world.clock.now();
    let mut tx = world.db.begin().await.unwrap();
    for scope in [Scope::Key(world.key_id), Scope::Organization(world.organization)] {
        for period in [Period::Day, Period::Month] {
            let (id, amount) = (BudgetId::mint(now, &world.entropy), Money::from_nanos(1_000_000_000_000_000));
            let budget = Budget { id, scope, environment: Environment::Test, period, amount, hard: true, since: now };
            let (organization, created_by) = (world.organization, "system:bench".to_owned());
            let stored = StoredBudget { organization, budget, created_at: now, created_by, crossed_at: None };
            tx.budgets().insert(&stored).await.unwrap();
        }
        for kind in LimitKind::ALL {
            let (id, amount) = (LimitId::mint(now, &world.entropy), 1_000_000_000);
            let limit =
                Limit { id, scope, environment: Environment::Test, endpoint: None, kind: *kind, amount, burst: amount };
            let (organization, created_by) = (world.organization, "system:bench".to_owned());
            tx.limits().insert(&StoredLimit { organization, limit, created_at: now, created_by }).await.unwrap();
        }
    }
    let changes = [Change::Budgets(world.organization), Change::Limits(world.organization)];
    tx.changes().append(&changes, now).await.unwrap();
    tx.commit().await.unwrap();
}

criterion_group!(benches, admission);
criterion_main!(benches);
