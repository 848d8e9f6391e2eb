//! API keys: the list, making one, and what is known of one.

mod actions;
mod create;
mod detail;
mod examples;
mod list;
mod looking;
mod made;
mod new;
mod revoke;
mod row;
mod rows;

pub(crate) use self::{detail::KeyPage, list::KeysPage, new::NewKeyPage};
