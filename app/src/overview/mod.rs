//! The first page: today at a glance, and what is happening now.

#[cfg(feature = "ssr")]
mod chart;
mod data;
#[cfg(feature = "ssr")]
mod figures;
mod page;
mod reminders;
mod start;

pub(crate) use self::page::OverviewPage;
