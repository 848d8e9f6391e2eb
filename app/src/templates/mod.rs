//! Templates for keys: the list, making one, and changing, applying and retiring one.

mod actions;
mod answers;
mod data;
mod detail;
mod fields;
mod list;
mod new;

#[cfg(feature = "ssr")]
pub(crate) use self::data::{budget_words, limit_words, summary};
pub(crate) use self::{detail::TemplatePage, list::TemplatesPage, new::NewTemplatePage};
