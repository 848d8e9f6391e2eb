//! Management tokens: what programs present to the management API.

mod actions;
mod list;
mod new;
mod row;

pub(crate) use self::{list::TokensPage, new::NewTokenPage};
