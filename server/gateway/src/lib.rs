//! The data plane: `authenticate → policy → route → limit → reserve → forward → meter → settle → journal → batch`.
//!
//! [`Gateway::handle`] answers everything under `/v1`. A stage is a module: [`Gateway`] only strings
//! them together. What a call may cost is held on its budgets once its price is known, before
//! anything is sent.
//!
//! What always holds:
//! - Every call that is forwarded stands in the journal before it is, and its settlement stands
//!   there before the last byte of its answer is given away. So every answer has its event, also
//!   after `kill -9`; the event of a call that was cut off is marked `interrupted`.
//! - Nothing is forwarded that a hard budget above it could not pay for, or that a limit above it refuses.
//! - An event is counted once, by its identity, however often it is replayed or retried.
//! - A warm call touches no database: keys and models are in memory, and heard-of changes empty it.
//! - A stream is never held back by more than one event, and never kept.

mod admit;
mod batch;
#[cfg(feature = "bench")]
pub mod bench;
mod budgets;
mod call;
mod core;
mod examine;
mod forward;
mod gateway;
mod hear;
mod intake;
mod journal;
mod limits;
mod meter;
mod metrics;
mod models;
mod node;
mod pieces;
mod proxies;
mod refusals;
mod replay;
mod respond;
mod settings;
mod snapshot;

pub use batch::Committed;
pub use examine::{JournalState, examine_journal};
pub use gateway::{Gateway, Parts, StartError};
pub use hear::News;
pub use proxies::client_ip;
pub use respond::Body;
pub use settings::{JournalSettings, Settings, Sync};
