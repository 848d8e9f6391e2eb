//! Usage: what was metered, as immutable events, and their sums by quarter of an hour.

mod event;
mod rollup;
mod span;
mod tokens;
mod view;

pub use event::{Attribution, CallStatus, Endpoint, EventKind, Outcome, Service, Target, Timings, UsageEvent};
pub use rollup::{BUCKET, Dimensions, Figures, Rollup};
pub use span::{KeyUsage, Span};
pub use tokens::TokenUsage;
pub use view::{
    EventQuery, EventView, GroupBy, NewAdjustment, Overview, Series, SummaryQuery, SummaryRow, SummaryView,
};
