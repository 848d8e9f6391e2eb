//! People: e-mail addresses, passwords, roles, permissions, management tokens.

mod email;
mod password;
mod permissions;
mod roles;
mod tokens;
mod viewer;

pub use email::Email;
pub use password::NewPassword;
pub use permissions::Permission;
pub use roles::Role;
pub use tokens::{CreatedToken, NewToken, TOKEN_PREFIX, TokenName, TokenView};
pub use viewer::Viewer;

crate::text::line_type! {
    /// How a person is called.
    PersonName, "name", 100
}
