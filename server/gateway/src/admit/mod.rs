//! Who is calling, and whether they may.

mod authenticate;
mod keys;
mod policy;

pub(crate) use authenticate::presented;
pub(crate) use keys::Keys;
pub(crate) use policy::{check, check_endpoint, check_model};
