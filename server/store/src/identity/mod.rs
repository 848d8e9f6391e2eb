//! Users, memberships, sessions and management tokens.

mod sessions;
mod tokens;
mod users;

pub use sessions::Session;
pub use tokens::Token;
pub use users::{Membership, User};

use crate::db::Conn;

/// The repository.
#[derive(Debug)]
pub struct Identity<'c>(pub(crate) Conn<'c>);
