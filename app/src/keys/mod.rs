//! API keys: the list, making one, and what is known of one.

#[cfg(feature = "ssr")]
mod access;
mod actions;
mod activity;
mod acts;
mod answers;
mod bulk;
mod create;
mod detail;
mod edit;
mod examples;
mod facts;
mod fields;
mod filtering;
mod leaked;
mod list;
mod looking;
mod made;
mod many;
mod menu;
mod moves;
mod new;
mod revoke;
mod rotate;
mod row;
mod rows;
mod saving;
mod template;
mod trail;
#[cfg(feature = "ssr")]
mod trail_words;
mod views;

#[cfg(debug_assertions)]
pub(crate) use self::template::{ChosenTemplate, SetByTemplate, TemplateCard, TemplateCards};
pub(crate) use self::{
    detail::KeyPage, edit::EditKeyPage, leaked::LeakedPage, list::KeysPage, many::ManyKeysPage, new::NewKeyPage,
};
