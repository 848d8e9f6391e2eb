//! The Sandbox: a deterministic provider that Turnpike itself serves, speaking the OpenAI API.
//!
//! With it everything can be tried without an account anywhere: models of different prices, exact
//! token counts, streams, tools, structured output, embeddings; and on request the ways in which
//! providers fail. Everything follows from the request: no clock, no randomness, so the same
//! conversation gets the same answer whether it is streamed or not, today and in a test next year.
//!
//! [`respond`] answers in process, without a socket. [`serve`] answers the same over HTTP, so that
//! the Sandbox can stand alone as an upstream like any other.
//!
//! | model | its manner |
//! |---|---|
//! | `sandbox/small` | cheap and quick |
//! | `sandbox/large` | dear; half of every prompt is reported as cached |
//! | `sandbox/reasoning` | thinks first, and reports reasoning tokens |
//! | `sandbox/slow` | first byte after 1.5 s, then about 20 tokens a second |
//! | `sandbox/flaky` | of nine distinct conversations three get 500 and two get 429. A user message that contains `fail:429`, `fail:500`, `fail:close`, `fail:garbage`, `fail:hang` or `fail:none` chooses |
//! | `sandbox/no-usage` | never says how many tokens were used, even if asked |
//! | `sandbox/strict` | refuses `stream_options`, as some providers do |
//! | `sandbox/embedding` | unit vectors; texts that share words are near each other |
//!
//! A tool is called if `tool_choice` demands it or the last user message mentions its name.
//! Images are never fetched: each counts by the fixed rule of [`crate::tokens`].

mod body;
mod chat;
mod embeddings;
mod error;
mod json;
mod models;
mod router;
mod schema;
mod seed;
mod serve;

pub use body::{Body, CutOff};
pub use models::{MODELS, ModelKind, SandboxModel, SuggestedPrices};
pub use router::respond;
pub use serve::serve;

use crate::tokens::Family;

/// The tokenizer that all of the Sandbox's models use.
const FAMILY: Family = Family::O200k;

/// When everything here was "created": the first second of 2025, in unix seconds.
const CREATED: i64 = 1_735_689_600;
