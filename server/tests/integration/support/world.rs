use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::Router;
use domain::{Clock, Currency, Entropy, OrganizationId, RequestId, Timestamp};
use server::{
    api::{self, ApiState, Readiness},
    http::{self, Csrf, Frame, Surroundings},
};
use service::{
    Core, RequestMeta, Settings, Standing,
    budgets::Budgets,
    catalog::{Connections, Models},
    identity::{NewInstallation, Sessions, Setup, Tokens},
    jobs::{Jobs, Runner},
    keys::Keys,
    limits::Limits,
    platform::Replays,
    templates::Templates,
    usage::Usage,
    views::Views,
};
use store::{Db, organizations::Organization, vault::Vault};
use utoipa::openapi::OpenApi;

use super::{Call, Person, logs};

/// 2026-05-04T09:00:00Z, a Monday.
const BEGINNING: i64 = 1_777_885_200_000_000;
const PUBLIC_URL: &str = "https://turnpike.example.com";
pub(crate) const EMAIL: &str = "mara@example.com";
pub(crate) const PASSWORD: &str = "a long and lovely password";

/// An installation that was set up, behind its router.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) state: ApiState,
    pub(crate) openapi: OpenApi,
    pub(crate) router: Router,
    pub(crate) entropy: Entropy,
    /// The first organization.
    pub(crate) organization: OrganizationId,
    /// Its owner, who is platform staff.
    pub(crate) owner: Person,
    /// Works on jobs, when told to.
    pub(crate) runner: Runner,
    core: Core,
    now: Arc<AtomicI64>,
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        logs::keep();
        let now = Arc::new(AtomicI64::new(BEGINNING));
        let ticks = now.clone();
        // Every reading is a millisecond later, so that ids sort by the order in which they were made.
        let clock = Clock::new(move || Timestamp::from_micros(ticks.fetch_add(1_000, Ordering::Relaxed)));
        let entropy = entropy();
        let vault = Vault::new(&Vault::generate(&entropy), entropy.clone()).unwrap();
        let settings = Settings {
            currency: Currency::USD,
            private_upstreams: true,
            public_url: PUBLIC_URL.to_owned(),
            usage_events_months: 0,
        };
        let core =
            Core::new(db.clone(), vault, clock.clone(), entropy.clone(), settings, || {}, Standing::of_the_books());
        let meta = RequestMeta { request_id: RequestId::mint(clock.now(), &entropy), ip: None, user_agent: None };
        let installed = Setup::new(core.clone()).unwrap().run(installation(), meta).await.unwrap();
        let runner = Runner::new(core.clone());
        let state = ApiState {
            keys: Keys::new(core.clone()),
            jobs: Jobs::new(core.clone()),
            budgets: Budgets::new(core.clone()),
            limits: Limits::new(core.clone()),
            connections: Connections::new(core.clone()),
            models: Models::new(core.clone()),
            tokens: Tokens::new(core.clone()),
            sessions: Sessions::new(core.clone()).unwrap(),
            usage: Usage::new(core.clone()),
            templates: Templates::new(core.clone()),
            views: Views::new(core.clone()),
            replays: Replays::new(core.clone()),
            readiness: ready(db.clone()),
            clock: clock.clone(),
        };
        let (router, openapi) = api::router(state.clone());
        let organization = installed.organization;
        let owner = Person::known(&db, &entropy, state.clock.now(), organization, installed.user).await;
        let world = Self { db, state, openapi, router: Router::new(), entropy, organization, owner, runner, core, now };
        Self { router: world.around(router), ..world }
    }

    /// Puts around a router what the server puts around its own.
    pub(crate) fn around(&self, router: Router) -> Router {
        let trusted_proxies = Arc::new(["10.0.0.0/8".parse().unwrap()]);
        let frame = Frame { clock: self.state.clock.clone(), entropy: self.entropy.clone(), trusted_proxies };
        let public = PUBLIC_URL.parse().unwrap();
        http::around(router, Surroundings { frame, csrf: Csrf::new(Some(&public)) })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.state.clock.now()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: Duration) {
        self.now.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }

    /// Does what upkeep does now and then.
    pub(crate) async fn tidy(&self) {
        service::platform::tidy(&self.core).await.unwrap();
    }

    pub(crate) fn call(&self, method: &str, path: impl Into<String>) -> Call {
        Call::new(self.router.clone(), method, path.into())
    }

    /// A call by the owner's token.
    pub(crate) fn get(&self, path: impl Into<String>) -> Call {
        self.call("GET", path).token(&self.owner.token)
    }

    /// A call by the owner's token.
    pub(crate) fn post(&self, path: impl Into<String>) -> Call {
        self.call("POST", path).token(&self.owner.token)
    }

    /// Another tenant.
    pub(crate) async fn organization(&self, name: &str) -> OrganizationId {
        let at = self.now();
        let organization = Organization {
            id: OrganizationId::mint(at, &self.entropy),
            name: name.parse().unwrap(),
            time_zone: "UTC".parse().unwrap(),
            created_at: at,
        };
        let mut tx = self.db.begin().await.unwrap();
        tx.organizations().insert(&organization).await.unwrap();
        tx.commit().await.unwrap();
        organization.id
    }
}

fn installation() -> NewInstallation {
    NewInstallation {
        organization: "Acme".parse().unwrap(),
        time_zone: "UTC".parse().unwrap(),
        email: EMAIL.parse().unwrap(),
        name: "Mara".parse().unwrap(),
        password: PASSWORD.parse().unwrap(),
    }
}

fn ready(db: Db) -> Readiness {
    Readiness::new(move || {
        let db = db.clone();
        async move { db.read().await.map(drop).map_err(|_| "The database can't be reached.".to_owned()) }
    })
}

/// Numbers that are the same in every run of a test, and other ones in every other test.
fn entropy() -> Entropy {
    static WORLDS: AtomicU64 = AtomicU64::new(1);
    let state = AtomicU64::new(WORLDS.fetch_add(1, Ordering::Relaxed) << 32);
    Entropy::new(move |out| {
        for chunk in out.chunks_mut(8) {
            let mut z = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    })
}
