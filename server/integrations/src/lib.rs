//! Typed clients for the outside world, one module a provider, and the Sandbox.
//!
//! - [`openai`]: the few wire types of the OpenAI API that Turnpike reads and writes.
//! - [`tokens`]: counting text with a known model family's tokenizer.
//! - [`upstream`]: the pooled HTTP client that calls providers, behind the SSRF guard.
//! - [`openai_compatible`]: connecting a provider that speaks the OpenAI API.
//! - [`redis`]: counts that several nodes share.
//! - [`sandbox`]: the built-in provider, so that everything can be tried without an account.

pub mod openai;
pub mod openai_compatible;
pub mod redis;
pub mod sandbox;
pub mod tokens;
pub mod upstream;
