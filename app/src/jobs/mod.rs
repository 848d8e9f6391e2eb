//! Jobs: what is worked on in the background, how far it is, and what came of each item.

mod actions;
mod data;
mod detail;
mod items;
mod list;
mod progress;
mod secrets;
mod watch;

pub(crate) use self::{detail::JobPage, list::JobsPage, watch::JobWatch};
