//! Calls: the list of all, one in full, and how pages follow what happens.

mod call;
mod calls;
mod columns;
#[cfg(feature = "ssr")]
mod cost;
mod course;
mod facts;
mod filters;
mod fresh;
mod list;
mod live;
#[cfg(feature = "ssr")]
mod local_time;
#[cfg(feature = "ssr")]
mod words;

pub(crate) use self::{
    call::CallPage,
    calls::CallRow,
    columns::{Listed, columns, status_badge},
    course::Course,
    fresh::mark_fresh,
    list::UsagePage,
    live::use_live,
};
#[cfg(feature = "ssr")]
pub(crate) use self::{
    calls::row,
    course::{Line, Unit},
    local_time::from_local,
    words::provider,
};
