//! Usage events and rollups.

mod adjust;
mod books;
mod months;
mod of_keys;
mod read;
mod record;
mod summary;

pub use books::Mismatch;
pub use read::{EventFilter, EventRow};
pub use summary::{KeyFigures, Summary, SummaryBy, SummaryFilter};

use crate::db::Conn;

/// The repository.
#[derive(Debug)]
pub struct Usage<'c>(pub(crate) Conn<'c>);
