//! API keys: the list, making one, and what is known of one.

#[cfg(feature = "ssr")]
mod access;
mod actions;
mod answers;
mod create;
mod detail;
mod edit;
mod examples;
mod facts;
mod fields;
mod list;
mod made;
mod moves;
mod new;
mod revoke;
mod row;
mod rows;
mod template;

pub(crate) use self::{detail::KeyPage, edit::EditKeyPage, list::KeysPage, new::NewKeyPage};
