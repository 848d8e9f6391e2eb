//! What every call shares.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{Clock, ConnectionId, Entropy};
use integrations::upstream::{Policy, Upstream};
use moka::sync::Cache;

use crate::{
    admit::OldUses, batch::Queue, budgets::Books, journal::Journal, limits::Gates, metrics::Metrics,
    settings::Settings, snapshot::Watch,
};

/// How long it is remembered that a provider refuses `stream_options`.
const REFUSAL_MEMORY: Duration = Duration::from_secs(3600);

/// What every call of one runtime shares; all but the connections to providers is the whole
/// gateway's.
#[derive(Clone)]
pub(crate) struct Core {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) watch: Arc<Watch>,
    /// Its connections live on the runtime that opened them.
    pub(crate) upstream: Upstream,
    pub(crate) books: Arc<Books>,
    pub(crate) gates: Arc<Gates>,
    pub(crate) calls_open: Arc<OpenCalls>,
    pub(crate) usage_refusers: UsageRefusers,
    pub(crate) refusal_log: Arc<crate::refusals::Sampler>,
    pub(crate) old_uses: Arc<OldUses>,
}

impl Core {
    /// Connections to providers as the settings want them; none is open yet.
    pub(crate) fn connect(settings: &Settings) -> Upstream {
        let policy = Policy { private_allowed: settings.private_upstreams_allowed };
        Upstream::new(policy, settings.connect_timeout)
    }
}

/// How many calls are admitted and not settled.
#[derive(Debug, Default)]
pub(crate) struct OpenCalls(AtomicUsize);

impl OpenCalls {
    pub(crate) fn enter(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn leave(&self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

/// The connections whose providers refuse to be asked for the usage of a stream.
#[derive(Clone)]
pub(crate) struct UsageRefusers(Cache<ConnectionId, ()>);

impl UsageRefusers {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(REFUSAL_MEMORY).build())
    }

    /// Whether this one refused lately.
    pub(crate) fn contains(&self, connection: ConnectionId) -> bool {
        self.0.contains_key(&connection)
    }

    /// Remembers that it refused.
    pub(crate) fn remember(&self, connection: ConnectionId) {
        self.0.insert(connection, ());
    }
}
