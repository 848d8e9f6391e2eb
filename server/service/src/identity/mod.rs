//! Setting up, signing in and out, and management tokens.

mod passwords;
mod sessions;
mod setup;
mod tokens;

pub use sessions::{Sessions, SignedIn};
pub use setup::{Installed, NewInstallation, Setup};
pub use tokens::Tokens;
