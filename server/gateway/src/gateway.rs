//! The gateway as others see it.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    BudgetId, Clock, Entropy, OrganizationId, RequestId,
    budgets::Balance,
    limits::{Level, Limit},
    usage::Endpoint,
};
use http::{HeaderValue, Request, Response, request};
use hyper::body::Incoming;
use store::{Db, vault::Vault};
use tokio::task::JoinHandle;

use crate::{
    admit,
    batch::{Batcher, Queue, Recorder},
    budgets::Books,
    call::Arrival,
    core::{Core, UsageRefusers},
    forward,
    hear::{self, News},
    intake::{self, Asked},
    journal::{self, Journal},
    limits::{self, Gates},
    metrics::Metrics,
    models,
    node::Node,
    proxies, refusals, replay,
    respond::{Body, Refusal, X_REQUEST_ID},
    settings::Settings,
    snapshot::Watch,
};

/// The longest that a drain waits.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// The data plane. Cheap to clone; when the last clone is gone, its tasks end.
#[derive(Clone)]
pub struct Gateway {
    core: Arc<Core>,
    works: Arc<Works>,
}

struct Works {
    db: Db,
    news: News,
    tasks: Vec<JoinHandle<()>>,
}

/// What a gateway is made of.
#[derive(Debug)]
pub struct Parts {
    /// The database, migrated.
    pub db: Db,
    /// Opens the connections' keys.
    pub vault: Vault,
    /// The time.
    pub clock: Clock,
    /// Randomness for identities.
    pub entropy: Entropy,
    /// What the operator set.
    pub settings: Settings,
    /// Where the journal is; made if it is not there. It must outlive the process, and no other
    /// process may use it.
    pub journal_dir: PathBuf,
}

/// Why a gateway can't start, in a sentence that says what to change.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(String);

impl Gateway {
    /// Records what an earlier process left in the journal, reads the configuration, and starts.
    ///
    /// The tasks that look for changes and take events to the database run on the runtime that this
    /// is called on; [`Gateway::handle`] may be called on another.
    ///
    /// # Errors
    /// When the journal's directory can't be written, is in use, or was written by a newer version;
    /// when the database can't be read.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts { db, vault, clock, entropy, settings, journal_dir } = parts;
        let metrics = Arc::new(Metrics::new());
        // What others say from now on is heard, though nothing listens to it yet.
        let listener = db.listen().await.unwrap_or_default();
        let watch = Watch::begin(&db, &vault, &settings).await.map_err(refused)?;
        let lock = journal::lock(&journal_dir).map_err(refused)?;
        let mut recorder = Recorder { db: db.clone(), refused: journal_dir.join("refused.jsonl"), leases: None };
        let replayed = replay::replay(&journal_dir, &recorder).await.map_err(refused)?;
        if replayed.settled + replayed.interrupted + replayed.damaged > 0 {
            tracing::info!(?replayed, "the journal of an earlier process was recorded");
        }
        let journal = Journal::begin(&journal_dir, lock, replayed.next, settings.journal.clone()).map_err(refused)?;
        let queue = Arc::new(Queue::new(&settings));
        let node = match db.is_shared() {
            true => Some(Arc::new(
                Node::begin(&db, &journal_dir, settings.lease_lifetime, &clock, &entropy).await.map_err(refused)?,
            )),
            false => None,
        };
        let books = Arc::new(Books::new(node.clone(), queue.clone()));
        recorder.leases = node.clone().map(|node| (node, books.clone()));
        books.all_changed(&db).await.map_err(refused)?;
        books.read_due(&db, &clock).await;
        if books.is_due() {
            return Err(refused("The budgets could not be read; the log says why."));
        }
        let (redis, counting) = limits::redis(&settings, &entropy).await.map_err(refused)?;
        let gates = Arc::new(Gates::new(node.clone(), redis));
        gates.read_all(&db).await.map_err(refused)?;
        let core = Arc::new(Core {
            upstream: Core::connect(&settings),
            settings: Arc::new(settings),
            clock,
            entropy,
            metrics: metrics.clone(),
            journal: Arc::new(journal),
            queue,
            books: books.clone(),
            gates,
            watch: Arc::new(watch),
            calls_open: Arc::default(),
            usage_refusers: UsageRefusers::new(),
            refusal_log: Arc::default(),
            old_uses: Arc::default(),
        });
        let news = News::new();
        let batcher = Batcher {
            recorder,
            queue: core.queue.clone(),
            journal: core.journal.clone(),
            metrics: metrics.clone(),
            news: news.clone(),
            linger: core.settings.batch_linger,
            books: books.clone(),
            clock: core.clock.clone(),
        };
        let mut tasks =
            vec![tokio::spawn(batcher.run()), tokio::spawn(core.watch.clone().run(db.clone(), vault, core.clone()))];
        tasks.push(tokio::spawn(core.old_uses.clone().run(db.clone())));
        tasks.extend(counting.map(tokio::spawn));
        if let Some(node) = node {
            tasks.push(tokio::spawn(limits::exchange(core.gates.clone(), node.clone(), db.clone())));
            tasks.push(tokio::spawn(limits::lease_slots(core.gates.clone(), node.clone(), db.clone())));
            tasks.push(tokio::spawn(node.run(db.clone(), books, core.gates.clone())));
            tasks.push(tokio::spawn(hear::run(db.clone(), listener, core.clone(), news.clone())));
        }
        Ok(Self { core, works: Arc::new(Works { db, news, tasks }) })
    }

    /// The same gateway, for another runtime to answer on: with connections to providers of its
    /// own, because a connection is driven by the runtime that opened it.
    #[must_use]
    pub fn for_runtime(&self) -> Self {
        let core = Core { upstream: Core::connect(&self.core.settings), ..(*self.core).clone() };
        Self { core: Arc::new(core), works: self.works.clone() }
    }

    #[cfg(feature = "bench")]
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Whether a path is the gateway's.
    #[must_use]
    pub fn owns(path: &str) -> bool {
        path.strip_prefix("/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers a request. `peer` is the socket's other end.
    pub async fn handle(&self, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
        let core = &self.core;
        let at = core.clock.now();
        let arrival = Arrival { request_id: RequestId::mint(at, &core.entropy), at, clock: Instant::now() };
        let (head, body) = request.into_parts();
        let client = || proxies::client_ip(peer.ip(), &head.headers, &core.settings.trusted_proxies);
        let mut response = match answer(core, arrival, &head, body, client).await {
            Ok(response) => response,
            Err(refusal) => {
                refusals::note(core, &arrival, &refusal, client);
                refusal.into_response(core.clock.now(), arrival.request_id)
            }
        };
        // An id is made of letters, digits and an underscore.
        if let Ok(id) = HeaderValue::try_from(arrival.request_id.to_string()) {
            response.headers_mut().insert(X_REQUEST_ID, id);
        }
        // As before requests to providers: one write settles many calls, and answers go out one after the other.
        tokio::task::yield_now().await;
        core.journal.flush();
        response
    }

    /// Announcements of calls that have come into the books, those of other nodes included.
    #[must_use]
    pub fn news(&self) -> News {
        self.works.news.clone()
    }

    /// How a budget stands, as far as this gateway knows; nothing where it knows of no such budget.
    #[must_use]
    pub fn balance(&self, organization: OrganizationId, budget: BudgetId) -> Option<Balance> {
        self.core.books.balance(organization, budget, self.core.clock.now())
    }

    /// How a limit stands, as far as this gateway knows; nothing where it knows of no such limit.
    #[must_use]
    pub fn level(&self, organization: OrganizationId, limit: &Limit) -> Option<Level> {
        self.core.gates.level(organization, limit)
    }

    /// Looks for changes now.
    pub fn refresh(&self) {
        self.core.watch.nudge.notify_one();
    }

    /// Whether the configuration is as fresh as the operator demands, and the tasks are at work. A
    /// gateway that is not ready goes on with what it knows, but better ones should be asked first.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.core.watch.is_fresh() && !self.works.tasks.iter().any(JoinHandle::is_finished)
    }

    /// Waits until every call is settled and every event is in the database, but not forever: a
    /// database that is away must not keep a process from ending, and the journal has all that is
    /// missing. Call it when no more calls come.
    pub async fn drain(&self) {
        let core = &self.core;
        let drained = async {
            while core.calls_open.count() > 0 || core.queue.waiting() > 0 {
                core.queue.flush();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            core.old_uses.write(&self.works.db).await;
        };
        if tokio::time::timeout(LONGEST_DRAIN, drained).await.is_err() {
            let (calls, events) = (core.calls_open.count(), core.queue.waiting());
            tracing::warn!(calls, events, "not all could be recorded; the next start records it from the journal");
        } else if let Some(node) = &core.books.node {
            // Nobody lends to it any more, and what it was lent is free for others.
            self.works.stop();
            if let Err(error) = node.end(&self.works.db).await {
                tracing::warn!(%error, "what is leased to this node could not be given back; its next start does");
            }
        }
        core.journal.sync();
    }
}

async fn answer(
    core: &Arc<Core>,
    arrival: Arrival,
    head: &request::Parts,
    body: Incoming,
    client: impl FnOnce() -> IpAddr,
) -> Result<Response<Body>, Refusal> {
    let asked = intake::endpoint_of(&head.method, head.uri.path())?;
    let secret = admit::presented(&head.headers)?;
    let known = core.watch.keys.get(&secret).await?;
    admit::check(&known, arrival.at, client)?;
    if known.ends_at.is_some() {
        core.old_uses.note(secret, arrival.at);
    }
    let key = known.key;
    match asked {
        Asked::Models => models::list(core, &key, arrival.at),
        Asked::Model(name) => models::show(core, &key, name, arrival.at),
        Asked::Call(endpoint) => {
            admit::check_endpoint(&key, endpoint)?;
            let answer = call(core, arrival, head, body, &key, endpoint).await;
            limits::tell(core, &key, endpoint, answer)
        }
    }
}

async fn call(
    core: &Arc<Core>,
    arrival: Arrival,
    head: &request::Parts,
    body: Incoming,
    key: &store::keys::KeySnapshot,
    endpoint: Endpoint,
) -> Result<Response<Body>, Refusal> {
    let announced = intake::content_length(&head.headers);
    let (most, pause) = (core.settings.max_body_bytes, core.settings.idle_timeout);
    let body = intake::read_body(body, announced, most, pause).await?;
    forward::serve(core, arrival, key, endpoint, &head.headers, body).await
}

impl StartError {
    pub(crate) fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

fn refused(error: impl std::fmt::Display) -> StartError {
    StartError::new(error)
}

impl Works {
    fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Drop for Works {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gateway")
    }
}
