//! Rate limits: how much may be used in a minute or at once, what is used right now, and setting them.

mod actions;
mod columns;
mod dialogs;
mod list;
mod new;
mod of_key;
mod row;

pub(crate) use self::{
    actions::{LimitRows, LoadKeyLimits},
    list::LimitsPage,
    new::NewLimitPage,
    of_key::LimitCard,
};
