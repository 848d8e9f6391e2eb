//! The command palette: going to pages, making things, finding things, and choosing how it all looks,
//! by typing a few letters.

mod entry;
mod find;
mod recent;
mod sources;
mod view;

pub(crate) use self::view::Palette;
