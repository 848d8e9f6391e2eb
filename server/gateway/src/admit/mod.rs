//! Who is calling, and whether they may.

mod authenticate;
mod keys;
mod old_uses;
mod policy;

pub(crate) use authenticate::presented;
pub(crate) use keys::{Keys, Known};
pub(crate) use old_uses::OldUses;
pub(crate) use policy::{check, check_endpoint, check_model};
