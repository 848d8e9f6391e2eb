//! Who a person is: setting up, signing in and out, and who looks at the portal.

#[cfg(feature = "ssr")]
pub mod cookie;
mod login;
#[cfg(feature = "ssr")]
mod next;
mod setup;
mod sign_in;
mod viewer;

pub(crate) use self::{login::LoginPage, setup::SetupPage, sign_in::SignOut, viewer::SignedIn};
