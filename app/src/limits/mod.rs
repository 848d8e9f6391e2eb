//! Rate limits: how much may be used in a minute or at once, what is used right now, and setting them.

mod actions;
mod columns;
mod dialogs;
mod list;
mod new;
mod of_key;
mod row;

#[cfg(feature = "ssr")]
pub(crate) use self::of_key::own_words;
pub(crate) use self::{
    actions::{LimitRows, LoadKeyLimits},
    list::LimitsPage,
    new::NewLimitPage,
    of_key::LimitCard,
    row::endpoint_words,
};
