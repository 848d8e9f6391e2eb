//! What keys and tokens have in common: when they end, and the one moment at which their secret is
//! shown.

mod ending;
#[cfg(feature = "ssr")]
pub(crate) mod once;
mod standing;

#[cfg(feature = "ssr")]
pub(crate) use self::ending::ending;
pub(crate) use self::{
    ending::EndingSelect,
    standing::{Standing, StandingBadge},
};
