//! The command line.

mod filters;
mod keys;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

pub use self::{
    filters::KeyFilters,
    keys::{
        BulkArgs, BulkName, CreateArgs, End, IdsArgs, KeysArgs, KeysCommand, Label, ListArgs, Output, RevokeArgs,
        RotateArgs, ServerArgs, ShowArgs, Token,
    },
};
use crate::config::Role;

/// One gate for every API and AI model a company uses, and the portal around it.
#[derive(Debug, Parser)]
#[command(name = "turnpike", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `turnpike` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the gateway, the portal and the management API
    Serve(ServeArgs),
    /// Bring the database up to this version and stop
    Migrate(InstallationArgs),
    /// Set up an empty installation without a browser: first organization, owner, management token
    Bootstrap(BootstrapArgs),
    /// Fill an empty installation with believable keys and calls, to look at full pages
    Demo(DemoArgs),
    /// Show the processes that serve calls from the same database, or give up one that is gone
    Nodes(NodesArgs),
    /// Check that journal, events, books and budgets agree, and mend what does not
    Doctor(DoctorArgs),
    /// List, make and change keys of a server, over its management API
    #[command(after_long_help = keys::EXAMPLES)]
    Keys(Box<KeysArgs>),
    /// Serve the Sandbox's models alone, as an OpenAI-compatible provider to test against
    Sandbox(SandboxArgs),
}

/// Which installation a command works on. What is not given here comes from `TURNPIKE_…`
/// variables, then from the configuration file, then from the defaults.
#[derive(Debug, Clone, Default, Args, Serialize)]
pub struct InstallationArgs {
    /// Configuration file [default: turnpike.toml where there is one]
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where Turnpike keeps its journal, its master key and, without a database URL, its database
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// `sqlite://FILE` or `postgres://…` [default: turnpike.db in the data directory]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
}

/// Options of `serve`.
#[derive(Debug, Clone, Default, Args, Serialize)]
pub struct ServeArgs {
    /// The installation.
    #[command(flatten)]
    #[serde(flatten)]
    pub installation: InstallationArgs,
    /// What this process does, where several share a PostgreSQL database [default: all]
    #[arg(long, value_name = "ROLE", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The address that people and applications use, where it is another than the one listened on
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// A Redis (`redis://…`) that keeps limits exactly where several processes serve calls
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis_url: Option<String>,
}

/// Options of `bootstrap`.
#[derive(Debug, Clone, Args)]
pub struct BootstrapArgs {
    /// The installation.
    #[command(flatten)]
    pub installation: InstallationArgs,
    /// Name of the first organization
    #[arg(long, value_name = "NAME")]
    pub organization: String,
    /// E-mail address of its owner, who is platform staff too
    #[arg(long, value_name = "E-MAIL")]
    pub email: String,
    /// Name of its owner [default: what stands before the @]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// File with the owner's password on its first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: PathBuf,
    /// Time zone in which the organization's days begin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub time_zone: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// The installation.
    #[command(flatten)]
    pub installation: InstallationArgs,
    /// How many keys to make
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub keys: u32,
    /// How many calls to make
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub calls: u32,
    /// Over how many days, up to now, the calls are spread
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
}

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// The installation.
    #[command(flatten)]
    pub installation: InstallationArgs,
    /// Print the differences as JSON, for programs
    #[arg(long)]
    pub json: bool,
    /// Record what the journal holds back, and make wrong books anew from the events
    #[arg(long)]
    pub repair: bool,
}

/// Options of `nodes`.
#[derive(Debug, Clone, Args)]
pub struct NodesArgs {
    /// The installation.
    #[command(flatten)]
    pub installation: InstallationArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Give up this node, which will never come back with its journal: what is leased to it is free
    /// again, and calls that it did not record are lost
    #[arg(long, value_name = "NODE")]
    pub retire: Option<domain::NodeId>,
}

/// Options of `sandbox`.
#[derive(Debug, Clone, Args)]
pub struct SandboxArgs {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:18080")]
    pub listen: SocketAddr,
}
