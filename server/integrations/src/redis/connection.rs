//! A connection that is there or not: nobody waits for it to be made.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisResult, ScriptInvocation, aio::MultiplexedConnection};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::Scripts;

/// How many times as long as Redis may say nothing one answer is waited for, while others come.
const LONGEST: u32 = 5;

/// How long a connection may take to be made; nobody waits for it.
const CONNECTING: Duration = Duration::from_secs(1);

/// How soon a lost connection is made again.
const AGAIN: Duration = Duration::from_millis(500);

/// Redis is not reachable right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Redis can't be reached")]
pub struct Away;

/// The address is none of a Redis. It is not repeated, because it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("It must be of the form redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE].")]
pub struct NoAddress;

/// Keeps one connection for all.
#[derive(Debug, Clone)]
pub(super) struct Connection(Arc<Line>);

struct Line {
    client: Client,
    scripts: Arc<Scripts>,
    /// For how long Redis may say nothing to anybody who waits for it. Whoever waits then does without, and
    /// so do all others until there is a new connection: it is paid once, not by each.
    patience: Duration,
    connected: ArcSwapOption<MultiplexedConnection>,
    lost: Notify,
    began: Instant,
    /// When an answer last came, in milliseconds since it began.
    heard: AtomicU64,
}

impl Connection {
    /// To the Redis at `url`; not made yet.
    pub(super) fn to(url: &str, patience: Duration, scripts: Arc<Scripts>) -> Result<Self, NoAddress> {
        let client = Client::open(url).map_err(|_| NoAddress)?;
        let (connected, heard) = (ArcSwapOption::empty(), AtomicU64::new(0));
        Ok(Self(Arc::new(Line {
            client,
            patience,
            scripts,
            connected,
            lost: Notify::new(),
            began: Instant::now(),
            heard,
        })))
    }

    /// Whether it is there.
    pub(super) fn is_there(&self) -> bool {
        self.0.connected.load().is_some()
    }

    /// Makes it, if that is possible.
    pub(super) async fn make(&self) -> bool {
        match timeout(CONNECTING, self.connect()).await {
            Ok(Ok(connection)) => self.0.connected.store(Some(Arc::new(connection))),
            Ok(Err(error)) => tracing::debug!(%error, "Redis can't be reached"),
            Err(_) => tracing::debug!("Redis can't be reached in time"),
        }
        self.is_there()
    }

    /// Scripts are loaded at once. Loaded by the first who needs one, it would be later than what comes
    /// after it.
    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        // How long answers are waited for is decided where that is done.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let mut connection = self.0.client.get_multiplexed_async_connection_with_config(&config).await?;
        for script in self.0.scripts.all() {
            script.load_async(&mut connection).await?;
        }
        Ok(connection)
    }

    /// Makes it again whenever it is lost.
    pub(super) async fn keep(&self) {
        loop {
            while self.is_there() {
                self.0.lost.notified().await;
            }
            sleep(AGAIN).await;
            if self.make().await {
                tracing::info!("Redis is reached");
            }
        }
    }

    /// Runs a script.
    pub(super) async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Away> {
        let connection = self.0.connected.load_full().ok_or(Away)?;
        let mut own = MultiplexedConnection::clone(&connection);
        let (asked, patience) = (Instant::now(), self.0.patience);
        let last = asked + LONGEST * patience;
        let answer = script.invoke_async(&mut own);
        tokio::pin!(answer);
        loop {
            let silent = self.heard().max(asked) + patience;
            match timeout_at(silent.min(last), &mut answer).await {
                Ok(Ok(answer)) => {
                    self.hear();
                    return Ok(answer);
                }
                Ok(Err(error)) => self.lose(&connection, &error),
                Err(_) if Instant::now() >= last => {}
                // Somebody was answered meanwhile: then it is this process that is slow.
                Err(_) if self.heard() + patience > Instant::now() => continue,
                Err(_) => self.lose(&connection, &"no answer in time"),
            }
            return Err(Away);
        }
    }

    fn heard(&self) -> Instant {
        self.0.began + Duration::from_millis(self.0.heard.load(Ordering::Relaxed))
    }

    fn hear(&self) {
        self.0.heard.store(self.0.began.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn lose(&self, connection: &Arc<MultiplexedConnection>, error: &dyn std::fmt::Display) {
        let now = self.0.connected.compare_and_swap(connection, None);
        if now.as_ref().is_some_and(|now| Arc::ptr_eq(now, connection)) {
            tracing::warn!(%error, "Redis is lost; limits hold as well as nodes keep them without it");
            self.0.lost.notify_one();
        }
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}
