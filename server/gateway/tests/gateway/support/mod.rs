//! An installation in a temporary directory: database, one organization, connections, keys, gateway.

pub mod client;
pub mod upstream;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use client::Client;
use domain::{
    Clock, ConnectionId, Entropy, KeyId, ModelId, Money, OrganizationId, PriceId, Rate, Timestamp,
    catalog::{Provider, Rates, WhenLeft},
    keys::{Environment, KeyStatus, Labels},
    secrets::Secret,
};
use gateway::{Gateway, JournalSettings, Parts, Settings, Sync};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use store::{
    Db,
    catalog::{Connection, Model, Price},
    changes::Change,
    keys::Key,
    organizations::Organization,
    usage::{EventFilter, EventRow},
    vault::Vault,
};
use tokio::net::TcpListener;

use crate::redis_server::RedisServer;

pub struct World {
    pub dir: tempfile::TempDir,
    pub db: Db,
    pub vault: Vault,
    pub clock: Clock,
    pub entropy: Entropy,
    pub organization: OrganizationId,
    pub key: Secret,
    pub key_id: KeyId,
    /// The Redis that the gateways use.
    pub redis: Option<RedisServer>,
}

/// A gateway that serves on a socket.
pub struct Running {
    pub gateway: Gateway,
    pub client: Client,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub fn settings() -> Settings {
    Settings {
        private_upstreams_allowed: true,
        first_byte_timeout: Duration::from_millis(700),
        idle_timeout: Duration::from_millis(700),
        poll_interval: Duration::from_millis(50),
        batch_linger: Duration::from_millis(10),
        // Only a Redis that is gone is gone, however slow the machine.
        redis_patience: Duration::from_secs(2),
        max_body_bytes: 200_000,
        journal: JournalSettings { segment_bytes: 1 << 20, max_bytes: 16 << 20, sync: Sync::Never },
        ..Settings::default()
    }
}

fn entropy() -> Entropy {
    // Splitmix64: repeatable, and no two draws alike.
    let state = AtomicU64::new(1);
    Entropy::new(move |out| {
        for chunk in out.chunks_mut(8) {
            let mut z = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    })
}

fn clock() -> Clock {
    let (base, start): (Timestamp, _) = ("2026-11-20T06:48:36Z".parse().unwrap(), Instant::now());
    Clock::new(move || base.plus(start.elapsed()))
}

impl World {
    /// With the Sandbox connected for test keys, and one test key.
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!("sqlite://{}", dir.path().join("db").display())).await.unwrap();
        db.migrate().await.unwrap();
        Self::in_database(db, dir).await
    }

    /// The same in a database that others can use too.
    pub async fn shared(db: Db) -> Self {
        Self::in_database(db, tempfile::tempdir().unwrap()).await
    }

    async fn in_database(db: Db, dir: tempfile::TempDir) -> Self {
        let (clock, entropy) = (clock(), entropy());
        let vault = Vault::new(&Vault::generate(&entropy), entropy.clone()).unwrap();
        let organization = OrganizationId::mint(clock.now(), &entropy);
        let mut tx = db.begin().await.unwrap();
        let row = Organization {
            id: organization,
            name: "Acme".parse().unwrap(),
            time_zone: "UTC".parse().unwrap(),
            created_at: clock.now(),
        };
        tx.organizations().insert(&row).await.unwrap();
        tx.commit().await.unwrap();
        let (key, key_id) = (Secret::mint("x", &entropy), KeyId::mint(clock.now(), &entropy));
        let mut world = Self { dir, db, vault, clock, entropy, organization, key, key_id, redis: None };
        (world.key, world.key_id) = world.add_key(Environment::Test).await;
        let models: Vec<_> = integrations::sandbox::MODELS.iter().map(|model| model.id).collect();
        world.connect("Sandbox", Provider::Sandbox, Environment::Test, None, &models).await;
        world
    }

    pub async fn add_key(&self, environment: Environment) -> (Secret, KeyId) {
        let secret = Secret::mint(environment.key_prefix(), &self.entropy);
        let key = Key {
            id: KeyId::mint(self.clock.now(), &self.entropy),
            organization_id: self.organization,
            team_id: None,
            owner_id: None,
            created_by: "system:test".into(),
            name: "a key".parse().unwrap(),
            environment,
            status: KeyStatus::Active,
            secret_hash: secret.hash(),
            last_four: secret.last_four(),
            labels: Labels::default(),
            description: Default::default(),
            rules: Default::default(),
            created_at: self.clock.now(),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            calls: 0,
            errors: 0,
            cost: domain::Money::ZERO,
            template_id: None,
            template_version: None,
            secret_made_at: self.clock.now(),
            rotation_due_at: None,
        };
        let mut tx = self.db.begin().await.unwrap();
        tx.keys().insert(&key).await.unwrap();
        tx.changes().append(&[Change::Key(secret.hash())], self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        (secret, key.id)
    }

    /// Changes the key as another process would: in the database, and in the log of changes.
    pub async fn change_key(&self, change: impl FnOnce(&mut Key)) {
        let mut tx = self.db.begin().await.unwrap();
        let mut key = tx.keys().get(self.organization, self.key_id).await.unwrap().unwrap();
        change(&mut key);
        tx.keys().update(&key).await.unwrap();
        tx.changes().append(&[Change::Key(key.secret_hash)], self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn connect(
        &self,
        name: &str,
        provider: Provider,
        environment: Environment,
        base_url: Option<String>,
        models: &[&str],
    ) -> ConnectionId {
        let id = ConnectionId::mint(self.clock.now(), &self.entropy);
        let sealed = self.vault.seal(Connection::api_key_place(id), b"sk-of-the-connection").unwrap();
        let connection = Connection {
            id,
            organization_id: None,
            name: name.parse().unwrap(),
            provider,
            environment,
            api_key: base_url.as_ref().map(|_| sealed),
            api_key_last_four: None,
            base_url,
            enabled: true,
            when_left: WhenLeft::Cancel,
            created_at: self.clock.now(),
            created_by: "system:test".into(),
        };
        let mut tx = self.db.begin().await.unwrap();
        tx.catalog().insert_connection(&connection).await.unwrap();
        for model in models {
            let model = Model {
                id: ModelId::mint(self.clock.now(), &self.entropy),
                connection_id: id,
                upstream_id: model.parse().unwrap(),
                context_window: None,
                created_at: self.clock.now(),
            };
            tx.catalog().ensure_model(&model).await.unwrap();
            if model.upstream_id.as_str() == "unpriced" {
                continue;
            }
            let rates = Rates {
                input: Rate::from_nanos_per_million(1_000_000_000),
                cached_input: Some(Rate::from_nanos_per_million(500_000_000)),
                cache_write: None,
                output: Rate::from_nanos_per_million(2_000_000_000),
                reasoning: None,
                per_request: Money::from_nanos(7),
            };
            let price = Price {
                id: PriceId::mint(self.clock.now(), &self.entropy),
                model_id: model.id,
                effective_from: Timestamp::from_micros(0),
                rates,
                created_at: self.clock.now(),
                created_by: "system:test".into(),
            };
            tx.catalog().insert_price(&price).await.unwrap();
        }
        tx.changes().append(&[Change::Catalog], self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Connects an upstream of a test, with the model `m`.
    pub async fn connect_upstream(&self, upstream: &upstream::Upstream) {
        let (provider, url) = (Provider::OpenaiCompatible, upstream.base_url());
        self.connect("Up", provider, Environment::Test, Some(url), &["m"]).await;
    }

    /// Has answers of every connection read on when their clients leave.
    pub async fn read_on(&self) {
        let mut tx = self.db.begin().await.unwrap();
        for connection in tx.catalog().platform_connections(None, 100).await.unwrap() {
            let connection = Connection { when_left: WhenLeft::ReadOn, ..connection };
            tx.catalog().update_connection(&connection).await.unwrap();
        }
        tx.changes().append(&[Change::Catalog], self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn journal_dir(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    pub async fn try_start(&self, settings: Settings, journal_dir: PathBuf) -> Result<Gateway, gateway::StartError> {
        Gateway::start(Parts {
            db: self.db.clone(),
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            settings: match &self.redis {
                Some(redis) => Settings { redis_url: Some(redis.url()), ..settings },
                None => settings,
            },
            journal_dir,
        })
        .await
    }

    /// Starts where another gateway has just been let go, whose tasks take a moment to end.
    pub async fn start_again(&self, journal_dir: PathBuf) -> Gateway {
        for _ in 0..500 {
            match self.try_start(settings(), journal_dir.clone()).await {
                Err(error) if error.to_string().contains("Another Turnpike") => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                started => return started.unwrap(),
            }
        }
        panic!("the journal was never let go");
    }

    pub async fn start(&self) -> Running {
        self.start_with(settings()).await
    }

    pub async fn start_with(&self, settings: Settings) -> Running {
        self.start_in(settings, self.journal_dir()).await
    }

    /// Starts with a journal in that place.
    pub async fn start_in(&self, settings: Settings, journal_dir: PathBuf) -> Running {
        let gateway = self.try_start(settings, journal_dir).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = gateway.clone();
        let server = tokio::spawn(async move {
            loop {
                let (stream, peer) = listener.accept().await.unwrap();
                let gateway = serving.clone();
                let service = service_fn(move |request| {
                    let gateway = gateway.clone();
                    async move { Ok::<_, std::convert::Infallible>(gateway.handle(peer, request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Running { gateway, client: Client::new(address, self.key.expose()), server }
    }

    pub async fn events(&self) -> Vec<EventRow> {
        let mut reader = self.db.read().await.unwrap();
        let mut events = reader.usage().events(self.organization, &EventFilter::default(), 1000).await.unwrap();
        // Identities of one millisecond have no order.
        events.sort_by_key(|event| event.at);
        events
    }

    /// Waits until there are so many events, and answers them, oldest first.
    pub async fn wait_for_events(&self, count: usize) -> Vec<EventRow> {
        for _ in 0..500 {
            let events = self.events().await;
            if events.len() >= count {
                assert_eq!(events.len(), count, "too many events");
                return events;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} events of {count} came", self.events().await.len());
    }
}

/// Waits for something that comes within five seconds.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < Duration::from_secs(5), "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
