//! Connections to providers, their models, and what those cost.

mod actions;
mod connection;
mod data;
mod head;
mod list;
mod models;
mod new;
mod price;
#[cfg(feature = "ssr")]
mod said;

pub(crate) use self::{connection::ConnectionPage, list::ConnectionsPage, new::NewConnectionPage};
