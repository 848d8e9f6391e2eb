//! The options of `turnpike keys`.

use std::{fmt, path::PathBuf, str::FromStr};

use clap::{Args, Subcommand, ValueEnum};
use domain::{
    Invalid, KeyId, TeamId, TemplateId, Timestamp, UserId,
    keys::{Environment, KeyDescription, KeyName, ModelPattern},
    network::IpRange,
    usage::Endpoint,
};

use super::KeyFilters;

pub(super) const EXAMPLES: &str = "\
Examples:
  export TURNPIKE_URL=https://turnpike.example.com TURNPIKE_TOKEN=tpm_…
  turnpike keys list --status active --last-used 90d.. --sort -cost
  turnpike keys list --all --output csv > keys.csv
  KEY=$(turnpike keys create checkout --environment live --label service=shop --expires 2027-01-01)
  KEY=$(turnpike keys rotate key_… --overlap 24h)
  turnpike keys bulk disable --last-used 90d.. --dry-run
  turnpike keys bulk add-labels tier=1 --owner me --yes --wait

It exits with 0 when all was done, with 1 when something was refused or failed, and with 2 when it was asked wrongly.";

/// Options of `keys`.
#[derive(Debug, Clone, Args)]
pub struct KeysArgs {
    /// Which server.
    #[command(flatten)]
    pub server: ServerArgs,
    /// How to print.
    #[arg(long, value_name = "FORMAT", value_enum, global = true, default_value_t = Output::Table)]
    pub output: Output,
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// Which server a command speaks to, and by which right.
#[derive(Debug, Clone, Args)]
pub struct ServerArgs {
    /// Where Turnpike is
    #[arg(
        long,
        value_name = "URL",
        global = true,
        env = "TURNPIKE_URL",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8080"
    )]
    pub url: String,
    /// A management token (tpm_…). Others on this machine can see it in the list of processes: better set the variable,
    /// or name a file
    #[arg(long, global = true, env = "TURNPIKE_TOKEN", hide_env_values = true)]
    pub token: Option<Token>,
    /// A file with the management token on its first line, which counts before all others
    #[arg(long, value_name = "FILE", global = true)]
    pub token_file: Option<PathBuf>,
}

/// A management token, which is never printed.
#[derive(Clone)]
pub struct Token(pub String);

impl FromStr for Token {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Table,
    /// The API's own answers, one a line
    Json,
    /// For spreadsheets; a cell that one would take for a formula begins with '
    Csv,
}

/// What can be done with keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// List keys, all or those that match
    List(ListArgs),
    /// Show one key
    Show(ShowArgs),
    /// Make a key, and print its secret, which is shown this once
    Create(CreateArgs),
    /// Give a key a new secret, and print it, which is shown this once
    Rotate(RotateArgs),
    /// End keys for good
    Revoke(RevokeArgs),
    /// Switch keys on again
    Enable(IdsArgs),
    /// Switch keys off until they are enabled
    Disable(IdsArgs),
    /// Do something to many keys: see what would happen, and then have a job do it
    Bulk(BulkArgs),
}

/// Options of `keys list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Which keys.
    #[command(flatten)]
    pub filters: KeyFilters,
    /// By what to order, with `-` before it for the largest first, as in `-cost`
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// How many to ask for at once, 1 to 100
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: Option<u32>,
    /// Where the page before ended
    #[arg(long, value_name = "CURSOR", conflicts_with = "all")]
    pub cursor: Option<String>,
    /// All that match, page after page
    #[arg(long)]
    pub all: bool,
}

/// Options of `keys show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// The key's id
    #[arg(value_name = "ID")]
    pub id: KeyId,
}

/// Options of `keys create`.
#[derive(Debug, Clone, Args)]
pub struct CreateArgs {
    /// How it is called
    #[arg(value_name = "NAME")]
    pub name: KeyName,
    /// The template that it is made from: an id. What you leave out is the template's
    #[arg(long, value_name = "ID")]
    pub template: Option<TemplateId>,
    /// `test` or `live`; needed without a template
    #[arg(long)]
    pub environment: Option<Environment>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<KeyDescription>,
    /// Who answers for it: a member's id [default: you]
    #[arg(long, value_name = "ID")]
    pub owner: Option<UserId>,
    /// The team that its calls count for: an id
    #[arg(long, value_name = "ID")]
    pub team: Option<TeamId>,
    /// A label, as in `service=shop`; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub label: Vec<Label>,
    /// Until when: a date, a time such as 2027-01-01T00:00:00Z, or `never`
    #[arg(long, value_name = "TIME")]
    pub expires: Option<End>,
    /// A model that it may call, as in `gpt-4o*`; may be given several times [default: all]
    #[arg(long, value_name = "PATTERN")]
    pub model: Vec<ModelPattern>,
    /// An endpoint that it may call, as in `embeddings`; may be given several times [default: all]
    #[arg(long)]
    pub endpoint: Vec<Endpoint>,
    /// An address or a range that it may call from; may be given several times [default: any]
    #[arg(long, value_name = "RANGE")]
    pub ip: Vec<IpRange>,
}

/// Options of `keys rotate`.
#[derive(Debug, Clone, Args)]
pub struct RotateArgs {
    /// The key's id
    #[arg(value_name = "ID")]
    pub id: KeyId,
    /// For how long the old secret goes on: 0s, 90m, 24h, up to 90d
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub overlap: String,
}

/// Options of `keys revoke`.
#[derive(Debug, Clone, Args)]
pub struct RevokeArgs {
    /// The keys.
    #[command(flatten)]
    pub keys: IdsArgs,
    /// Do not ask first
    #[arg(long)]
    pub yes: bool,
}

/// Keys, one by one.
#[derive(Debug, Clone, Args)]
pub struct IdsArgs {
    /// The keys' ids
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<KeyId>,
}

/// Options of `keys bulk`.
#[derive(Debug, Clone, Args)]
pub struct BulkArgs {
    /// What to do to each key
    #[arg(value_enum)]
    pub action: BulkName,
    /// What the action needs: a time, an id, labels
    #[arg(value_name = "VALUE")]
    pub values: Vec<String>,
    /// Which keys.
    #[command(flatten)]
    pub filters: KeyFilters,
    /// This key, in place of filters; may be given several times
    #[arg(long, value_name = "ID")]
    pub id: Vec<KeyId>,
    /// Every key there is
    #[arg(long)]
    pub all: bool,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask first
    #[arg(long)]
    pub yes: bool,
    /// Wait for the end of the job, and fail if keys failed
    #[arg(long)]
    pub wait: bool,
}

/// What can be done to many keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BulkName {
    /// Switch it on again
    Enable,
    /// Switch it off until it is enabled
    Disable,
    /// End it for good
    Revoke,
    /// Move its expiry later, to VALUE
    ExtendExpiry,
    /// Make the member VALUE answer for it
    SetOwner,
    /// Move it to the team VALUE, or with `none` out of its team
    SetTeam,
    /// Add labels, as in `tier=1 service=shop`
    AddLabels,
    /// Take the labels of these names away
    RemoveLabels,
    /// Hold it to the template VALUE
    ApplyTemplate,
    /// Delete it if it is revoked
    DeleteRevoked,
}

/// A label, `name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(pub String, pub String);

impl FromStr for Label {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = pair(text).ok_or_else(|| Invalid::new("label", "Give a label as name=value."))?;
        Ok(Self(name.to_owned(), value.to_owned()))
    }
}

/// When a key ends; none for never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End(pub Option<Timestamp>);

impl FromStr for End {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" { Ok(Self(None)) } else { text.parse().map(|at| Self(Some(at))) }
    }
}

/// What stands before and behind the first `=`.
pub(super) fn pair(text: &str) -> Option<(&str, &str)> {
    text.split_once('=').filter(|(name, _)| !name.is_empty())
}
