//! Many keys at once: the form, what would be made, and the job that makes them.

mod answers;
mod data;
mod fields;
mod page;
mod plan;

pub(crate) use self::page::ManyKeysPage;
