//! Turnpike: composition root, REST API, command line, SSR mount.
//!
//! [`commands`] holds one file a command; [`open`] makes of a configuration what they work with;
//! [`serve`] is the running server: one door for the gateway and the portal.

pub mod api;
pub mod cli;
pub mod commands;
pub mod config;
pub mod http;
pub mod open;
pub mod serve;
