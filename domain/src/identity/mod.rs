//! People: e-mail addresses, passwords, roles, permissions, management tokens.

mod email;
mod password;
mod permissions;
mod roles;
mod tokens;

pub use email::Email;
pub use password::NewPassword;
pub use permissions::Permission;
pub use roles::Role;
pub use tokens::{TOKEN_PREFIX, TokenName};

crate::text::line_type! {
    /// How a person is called.
    PersonName, "name", 100
}
