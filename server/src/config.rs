//! What an operator can set: flags, then `TURNPIKE_…` variables, then `turnpike.toml`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{Currency, network::IpRange};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

const FILE: &str = "turnpike.toml";
const PREFIX: &str = "TURNPIKE_";
/// Variables that are no settings: those of commands that speak to a server, and of the project's own tests.
const NOT_SETTINGS: [&str; 7] = [
    "TURNPIKE_URL",
    "TURNPIKE_TOKEN",
    "TURNPIKE_TEST_POSTGRES_URL",
    "TURNPIKE_RUST_SRC",
    "TURNPIKE_CHROMIUM",
    "TURNPIKE_PROVE",
    "TURNPIKE_BINARY",
];

/// All settings. `docs/configuration.md` is the same list for people, and a test compares them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the journal, the master key and a SQLite database are.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`; `turnpike.db` in the data directory when empty.
    pub database_url: String,
    /// What this process does.
    pub role: Role,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address that others use; made from `listen` when empty.
    pub public_url: String,
    /// The master key; `master.key` in the data directory, made at first start, when empty.
    pub master_key_file: PathBuf,
    /// Where the portal's files are; looked for beside the program when empty.
    pub site_dir: PathBuf,
    /// The book currency. Fixed at the first start.
    pub currency: String,
    /// Proxies whose `X-Forwarded-For` is believed: addresses and ranges with commas between.
    pub trusted_proxies: String,
    /// From where `/metrics` may be read: addresses and ranges with commas between.
    pub metrics_from: String,
    /// Whether platform staff may connect providers at private and loopback addresses.
    pub private_upstreams: bool,
    /// Threads of the gateway's runtime; as many as there are cores when 0.
    pub gateway_threads: usize,
    /// Threads of the portal's runtime.
    pub portal_threads: usize,
    /// The largest body of a call, in bytes.
    pub max_body_bytes: usize,
    /// How long a connection to a provider may take to be made, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long a provider may think before its answer begins, in milliseconds.
    pub first_byte_timeout_ms: u64,
    /// How long a provider may pause within an answer, in milliseconds.
    pub idle_timeout_ms: u64,
    /// What becomes of calls to models without a price.
    pub unpriced_models: Unpriced,
    /// How long an answer that its client has left is read on, in seconds, where the connection wants it.
    pub left_answer_seconds: u64,
    /// The most output tokens of an answer that bounds itself to none, where a hard budget is above it.
    pub assumed_output_tokens: u64,
    /// The fewest output tokens with which an answer is still of use: a call whose budget affords less
    /// is refused.
    pub least_output_tokens: u64,
    /// How long a call waits for money that calls in flight hold, in milliseconds.
    pub budget_patience_ms: u64,
    /// How long a node that can't reach the database goes on giving out the money that is leased to it,
    /// in seconds.
    pub budget_lease_seconds: u64,
    /// `redis://…` of a Redis that keeps limits exactly on all nodes; empty for none.
    pub redis_url: String,
    /// The most disk that the journal takes, in bytes.
    pub journal_max_bytes: u64,
    /// When the journal is forced to the disk: `never`, `always`, or an interval in milliseconds.
    pub journal_sync: String,
    /// For how many months before the present one usage events are kept; for ever when 0.
    pub usage_events_months: u32,
    /// How long open calls may take to end when the server stops, in seconds.
    pub drain_seconds: u64,
    /// What to log, as in `info` or `info,gateway=debug`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
}

/// What a process does. One that does not do all of it has others beside it, on the same database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    All,
    /// Serve calls.
    Gateway,
    /// Serve the portal and the management API.
    Portal,
    /// Look after the database.
    Worker,
}

impl Role {
    /// Whether it serves calls.
    pub fn serves_calls(self) -> bool {
        matches!(self, Self::All | Self::Gateway)
    }

    /// Whether it serves the portal and the management API.
    pub fn serves_portal(self) -> bool {
        matches!(self, Self::All | Self::Portal)
    }

    /// Whether it looks after the database.
    pub fn looks_after(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }
}

/// What becomes of calls to models without a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unpriced {
    /// They are refused, so that nothing is spent that no book knows of.
    Refuse,
    /// They are answered, and cost nothing.
    Free,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, an object a line.
    Json,
}

/// A setting that can't be, in a sentence that says what to change.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "turnpike-data".into(),
            database_url: String::new(),
            role: Role::All,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: String::new(),
            master_key_file: PathBuf::new(),
            site_dir: PathBuf::new(),
            currency: "USD".into(),
            trusted_proxies: String::new(),
            metrics_from: "127.0.0.0/8, ::1".into(),
            private_upstreams: false,
            gateway_threads: 0,
            portal_threads: 4,
            max_body_bytes: 32 << 20,
            connect_timeout_ms: 5_000,
            first_byte_timeout_ms: 600_000,
            idle_timeout_ms: 120_000,
            unpriced_models: Unpriced::Refuse,
            left_answer_seconds: 120,
            assumed_output_tokens: 16_384,
            least_output_tokens: 16,
            budget_patience_ms: 5_000,
            budget_lease_seconds: 600,
            redis_url: String::new(),
            journal_max_bytes: 1 << 30,
            journal_sync: "200".into(),
            usage_events_months: 0,
            drain_seconds: 30,
            log: "info".into(),
            log_format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Puts the settings together: `flags` over variables over the file over the defaults.
    ///
    /// # Errors
    /// When the file can't be read, holds an unknown setting, or a value is none.
    pub fn load(flags: impl Serialize, file: Option<&Path>) -> Result<Self, ConfigError> {
        let defaults = Figment::from(Serialized::defaults(Self::default()));
        let figment = match file {
            Some(file) if !file.is_file() => {
                return Err(ConfigError(format!("The configuration file {} does not exist.", file.display())));
            }
            Some(file) => defaults.merge(Toml::file_exact(file)),
            None => defaults.merge(Toml::file(FILE)),
        };
        let names = names();
        let variables = Env::prefixed(PREFIX).filter(move |name| names.iter().any(|n| name == n.as_str()));
        let figment = figment.merge(variables).merge(Serialized::defaults(flags));
        let config: Self = figment.extract().map_err(|e| ConfigError(explain(&e)))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.role != Role::All && self.database_url().starts_with("sqlite:") {
            let role = format!("{:?}", self.role).to_lowercase();
            return Err(wrong(
                "role",
                &role,
                "all: a SQLite file is one process's. Several need a database_url of PostgreSQL",
            ));
        }
        self.currency()?;
        self.gateway_settings()?;
        ranges("metrics_from", &self.metrics_from)?;
        let url = self.public_url.as_str();
        if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(wrong("public_url", url, "a URL such as https://gate.example.com"));
        }
        if self.portal_threads < 4 {
            return Err(wrong("portal_threads", &self.portal_threads.to_string(), "at least 4"));
        }
        let database = self.database_url.as_str();
        let known = ["sqlite://", "postgres://", "postgresql://"];
        if !database.is_empty() && !known.iter().any(|scheme| database.starts_with(scheme)) {
            // Not repeated: a database URL may hold a password.
            return Err(ConfigError("The setting database_url must start with sqlite:// or postgres://.".into()));
        }
        if !self.redis_url.is_empty() && !self.redis_url.starts_with("redis://") {
            return Err(ConfigError("The setting redis_url must start with redis://.".into()));
        }
        Ok(())
    }

    /// The database to open.
    pub fn database_url(&self) -> String {
        match self.database_url.as_str() {
            "" => format!("sqlite://{}", self.data_dir.join("turnpike.db").display()),
            url => url.to_owned(),
        }
    }

    /// The address that people and applications use, without a slash at its end.
    pub fn public_url(&self) -> String {
        match self.public_url.trim_end_matches('/') {
            "" if self.listen.ip().is_unspecified() => format!("http://localhost:{}", self.listen.port()),
            "" => format!("http://{}", self.listen),
            url => url.to_owned(),
        }
    }

    /// The file with the master key.
    pub fn master_key_file(&self) -> PathBuf {
        if self.master_key_file.as_os_str().is_empty() {
            self.data_dir.join("master.key")
        } else {
            self.master_key_file.clone()
        }
    }

    /// Whether the operator named the master key's file, so that none is made up.
    pub fn master_key_is_given(&self) -> bool {
        !self.master_key_file.as_os_str().is_empty()
    }

    /// The book currency.
    pub fn currency(&self) -> Result<Currency, ConfigError> {
        self.currency.parse().map_err(|_| wrong("currency", &self.currency, "three capital letters, as in USD"))
    }

    /// The proxies that are believed.
    pub fn trusted_proxies(&self) -> Result<Vec<IpRange>, ConfigError> {
        ranges("trusted_proxies", &self.trusted_proxies)
    }

    /// From where metrics may be read.
    pub fn metrics_from(&self) -> Result<Vec<IpRange>, ConfigError> {
        ranges("metrics_from", &self.metrics_from)
    }

    /// The data plane's settings.
    pub fn gateway_settings(&self) -> Result<gateway::Settings, ConfigError> {
        let mut settings = gateway::Settings {
            max_body_bytes: self.max_body_bytes,
            trusted_proxies: self.trusted_proxies()?,
            connect_timeout: Duration::from_millis(self.connect_timeout_ms),
            first_byte_timeout: Duration::from_millis(self.first_byte_timeout_ms),
            idle_timeout: Duration::from_millis(self.idle_timeout_ms),
            unpriced_models_free: self.unpriced_models == Unpriced::Free,
            left_answer_time: Duration::from_secs(self.left_answer_seconds),
            assumed_output_tokens: self.assumed_output_tokens,
            least_output_tokens: self.least_output_tokens,
            budget_patience: Duration::from_millis(self.budget_patience_ms),
            lease_lifetime: Duration::from_secs(self.budget_lease_seconds),
            redis_url: (!self.redis_url.is_empty()).then(|| self.redis_url.clone()),
            private_upstreams_allowed: self.private_upstreams,
            ..gateway::Settings::default()
        };
        if !(10..=86_400).contains(&self.budget_lease_seconds) {
            let seconds = self.budget_lease_seconds.to_string();
            return Err(wrong("budget_lease_seconds", &seconds, "10 to 86400"));
        }
        if self.assumed_output_tokens == 0 {
            return Err(wrong("assumed_output_tokens", "0", "at least 1"));
        }
        settings.journal.max_bytes = self.journal_max_bytes;
        if self.journal_max_bytes < 4 * settings.journal.segment_bytes {
            return Err(wrong("journal_max_bytes", &self.journal_max_bytes.to_string(), "at least 67108864 (64 MiB)"));
        }
        settings.journal.sync = match self.journal_sync.as_str() {
            "never" => gateway::Sync::Never,
            "always" => gateway::Sync::Always,
            interval => match interval.parse() {
                Ok(ms @ 1..) => gateway::Sync::Every(Duration::from_millis(ms)),
                _ => return Err(wrong("journal_sync", interval, "never, always, or an interval in milliseconds")),
            },
        };
        Ok(settings)
    }

    /// `TURNPIKE_…` variables that are set but name no setting: likely a slip of the pen.
    pub fn unknown_variables() -> Vec<String> {
        let names = names();
        let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let unknown = |name: &String| {
            name.strip_prefix(PREFIX).is_some_and(|n| !names.contains(&n.to_lowercase()))
                && !NOT_SETTINGS.contains(&name.as_str())
        };
        set.filter(unknown).collect()
    }
}

/// The names of all settings.
pub fn names() -> Vec<String> {
    match serde_json::to_value(Config::default()) {
        Ok(serde_json::Value::Object(settings)) => settings.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

fn ranges(setting: &str, text: &str) -> Result<Vec<IpRange>, ConfigError> {
    let entries = text.split(',').map(str::trim).filter(|e| !e.is_empty());
    let parse = |e: &str| {
        e.parse().map_err(|_| wrong(setting, e, "addresses or ranges with commas between, as in 10.0.0.0/8, ::1"))
    };
    entries.map(parse).collect()
}

fn wrong(setting: &str, value: &str, right: &str) -> ConfigError {
    ConfigError(format!("The setting {setting} can't be {value:?}. Give {right}."))
}

/// Says which setting, from where, is wrong and why.
fn explain(error: &figment::Error) -> String {
    let sentence = |e: figment::Error| {
        let setting = e.path.join(".");
        let from = e.metadata.as_ref().map(|m| format!(" (from {})", m.name)).unwrap_or_default();
        match e.kind {
            figment::error::Kind::UnknownField(name, _) => {
                format!(
                    "There is no setting {name:?}{from}. Remove it, or correct its spelling: docs/configuration.md lists them all."
                )
            }
            kind if setting.is_empty() => {
                format!("The configuration can't be read{from}: {}.", one_line(&kind.to_string()))
            }
            kind => format!("The setting {setting}{from} is wrong: {kind}."),
        }
    };
    error.clone().into_iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// An error of several lines in one, without the excerpt of the file, which is drawn with bars.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|'));
    lines.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_toml(text: &str) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::load(serde_json::json!({}), Some(file.path()))
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "listen = \"127.0.0.1:9000\"\ncurrency = \"EUR\"\n").unwrap();
        let flags = serde_json::json!({ "listen": "127.0.0.1:9001" });
        let config = Config::load(flags, Some(file.path())).unwrap();
        assert_eq!(config.listen.port(), 9001);
        assert_eq!(config.currency().unwrap().code(), "EUR");
        assert_eq!(config.public_url(), "http://127.0.0.1:9001");
    }

    #[test]
    fn the_documentation_lists_every_setting_with_its_default() {
        let page = include_str!("../../docs/configuration.md");
        let Ok(serde_json::Value::Object(defaults)) = serde_json::to_value(Config::default()) else { panic!() };
        for (name, default) in defaults {
            let default = match default {
                serde_json::Value::String(text) if text.is_empty() => String::new(),
                serde_json::Value::String(text) => format!("`{text}`"),
                other => format!("`{other}`"),
            };
            let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
            let documented = row.unwrap_or_else(|| panic!("{name} is not documented")).split('|').nth(2).unwrap();
            assert_eq!(documented.trim(), default, "the default of {name}");
        }
    }

    #[test]
    fn a_wrong_setting_is_named_with_what_is_right() {
        let cases = [
            ("lissten = \"x\"", "lissten"),
            ("listen = \"here\"", "listen"),
            ("currency = \"dollars\"", "currency"),
            ("trusted_proxies = \"10.0.0.0/99\"", "trusted_proxies"),
            ("journal_sync = \"sometimes\"", "journal_sync"),
            ("database_url = \"mysql://u:secret@h/d\"", "database_url"),
            ("redis_url = \"http://u:secret@h\"", "redis_url"),
            ("portal_threads = 1", "portal_threads"),
        ];
        for (toml, named) in cases {
            let sentence = from_toml(toml).unwrap_err().to_string();
            assert!(sentence.contains(named) && !sentence.contains("secret"), "{sentence}");
        }
        let missing = Config::load(serde_json::json!({}), Some(Path::new("/nowhere/turnpike.toml")));
        assert!(missing.unwrap_err().to_string().contains("does not exist"));
    }
}
