//! A traffic that all tests of this room share, and its plain sums.

mod comparing;
mod forgetting;
mod of_keys;
mod reading;
mod recording;
mod summing;

use domain::{
    catalog::Provider,
    keys::Environment,
    usage::{CallStatus, EventKind, UsageEvent},
};
use store::{Db, catalog::Connection, keys::Key, usage::Summary};

use crate::support::{Offer, Tenant, World};

/// Two organizations that call two models of two providers with five keys.
struct Traffic {
    world: World,
    tenant: Tenant,
    neighbour: Tenant,
    keys: Vec<Key>,
    offers: Vec<Offer>,
}

impl Traffic {
    async fn new(db: &Db, seed: u64) -> Self {
        let world = World::new(seed);
        let (tenant, neighbour) = (world.tenant(db, "Acme").await, world.tenant(db, "Neighbour").await);
        let mut keys = vec![tenant.key.clone()];
        let mut tx = db.begin().await.unwrap();
        for (name, environment) in [("a", Environment::Test), ("b", Environment::Live), ("c", Environment::Live)] {
            let key = Key { environment, ..world.key(&tenant.organization, name) };
            tx.keys().insert(&key).await.unwrap();
            keys.push(key);
        }
        tx.commit().await.unwrap();
        let sandbox = Connection {
            provider: Provider::Sandbox,
            base_url: None,
            api_key: None,
            api_key_last_four: None,
            ..world.connection("Sandbox", Environment::Test)
        };
        let real = world.connection("Real", Environment::Live);
        let offers = vec![world.offer(db, sandbox, "sandbox/slow").await, world.offer(db, real, "gpt-5").await];
        Self { world, tenant, neighbour, keys, offers }
    }

    fn events(&self, count: usize) -> Vec<UsageEvent> {
        (0..count).map(|_| self.event(&self.world.pick(&self.keys))).collect()
    }

    fn event(&self, key: &Key) -> UsageEvent {
        let offer = &self.offers[self.world.below(2) as usize];
        self.world.event(&self.tenant, key, offer)
    }

    fn neighbours_event(&self) -> UsageEvent {
        self.world.event(&self.neighbour, &self.neighbour.key, &self.offers[0])
    }
}

async fn record(db: &Db, events: &[UsageEvent]) -> Vec<domain::EventId> {
    let mut tx = db.begin().await.unwrap();
    let new = tx.usage().record(events).await.unwrap();
    tx.commit().await.unwrap();
    new
}

/// The sums over `events`, event by event.
fn plain_sum<'a>(events: impl Iterator<Item = &'a UsageEvent>) -> Summary {
    let mut sum = Summary::default();
    for event in events {
        let call = event.kind == EventKind::Call;
        sum.calls += i64::from(call);
        sum.errors += i64::from(call && event.outcome.status == CallStatus::Error);
        sum.input_tokens += event.usage.input() as i64;
        sum.cached_input_tokens += event.usage.cached_input() as i64;
        sum.output_tokens += event.usage.output() as i64;
        sum.reasoning_tokens += event.usage.reasoning() as i64;
        sum.cost += event.cost.nanos();
        sum.first_byte_us += event.timings.first_byte_us.unwrap_or(0) as i64;
        sum.first_bytes += i64::from(event.timings.first_byte_us.is_some());
        sum.total_us += event.timings.total_us as i64;
    }
    sum
}
