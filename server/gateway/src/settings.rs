//! What an operator may set about the data plane.

use std::time::Duration;

use domain::network::IpRange;

/// The data plane's settings, with defaults that suit one machine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The largest request body that is taken.
    pub max_body_bytes: usize,
    /// The largest answer that is taken whole. Streams have no bound.
    pub max_answer_bytes: usize,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpRange>,
    /// How many keys are kept in memory.
    pub cached_keys: u64,
    /// How long an unknown key is remembered as unknown.
    pub unknown_key_memory: Duration,
    /// How often other processes' changes are looked for.
    pub poll_interval: Duration,
    /// How old the newest look at the changes may be before the gateway says that it is stale.
    pub max_staleness: Duration,
    /// How long a connection to a provider may take to be made.
    pub connect_timeout: Duration,
    /// How long a provider may think before its answer begins.
    pub first_byte_timeout: Duration,
    /// How long a provider may pause in the middle of an answer, and a client in the middle of a
    /// request.
    pub idle_timeout: Duration,
    /// Whether models without a price can be called, for nothing.
    pub unpriced_models_free: bool,
    /// How long an answer that its client has left is read on, where the connection wants that.
    pub left_answer_time: Duration,
    /// Whether providers may be at private and loopback addresses.
    pub private_upstreams_allowed: bool,
    /// The most output tokens of an answer that bounds itself to none, where a hard budget is above it.
    pub assumed_output_tokens: u64,
    /// The fewest output tokens with which an answer is still of use: what does not fit a budget even
    /// so is refused.
    pub least_output_tokens: u64,
    /// How long a call waits for money that calls in flight hold.
    pub budget_patience: Duration,
    /// How long a node that can't reach the database goes on giving out what is leased to it.
    pub lease_lifetime: Duration,
    /// The Redis that keeps limits exactly on all nodes, if there is one.
    pub redis_url: Option<String>,
    /// For how long it may say nothing to calls that wait for it.
    pub redis_patience: Duration,
    /// The journal.
    pub journal: JournalSettings,
    /// The longest that a settled event waits for others to be committed with.
    pub batch_linger: Duration,
    /// The most events in one transaction.
    pub batch_size: usize,
    /// How many settled events are kept in memory while the database is away. Beyond it they are
    /// read again from the journal, whose size is what bounds the calls that can be taken.
    pub events_in_memory: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_body_bytes: 32 << 20,
            max_answer_bytes: 64 << 20,
            trusted_proxies: Vec::new(),
            cached_keys: 100_000,
            unknown_key_memory: Duration::from_secs(5),
            poll_interval: Duration::from_millis(200),
            max_staleness: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(600),
            idle_timeout: Duration::from_secs(120),
            unpriced_models_free: false,
            left_answer_time: Duration::from_secs(120),
            private_upstreams_allowed: false,
            assumed_output_tokens: 16_384,
            least_output_tokens: 16,
            budget_patience: Duration::from_secs(5),
            lease_lifetime: Duration::from_secs(600),
            redis_url: None,
            redis_patience: Duration::from_millis(50),
            journal: JournalSettings::default(),
            batch_linger: Duration::from_millis(100),
            batch_size: 2_000,
            events_in_memory: 10_000,
        }
    }
}

/// How much disk the journal takes, and when it is forced to the disk.
#[derive(Debug, Clone)]
pub struct JournalSettings {
    /// The size of one file, allocated ahead.
    pub segment_bytes: u64,
    /// The most that all files together take. At the bound, calls are refused rather than lost.
    pub max_bytes: u64,
    /// When the journal is forced to the disk.
    pub sync: Sync,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self { segment_bytes: 16 << 20, max_bytes: 1 << 30, sync: Sync::Every(Duration::from_millis(200)) }
    }
}

/// When the journal is forced to the disk. The end of the process loses nothing under any of
/// these; they differ in what a power cut may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// When the operating system likes to.
    Never,
    /// At this interval.
    Every(Duration),
    /// Before each call goes on. Costs one disk flush for each record.
    Always,
}
