use serde::{Deserialize, Serialize};

use super::Series;
use crate::{Currency, Timestamp};

spelled! {
    /// How far back a chart looks.
    Span as "range" {
        /// The last 24 hours, by hour.
        Day = "24h",
        /// The last 7 days, by hour.
        Week = "7d",
        /// The last 30 days, by calendar day.
        Month = "30d",
    }
}

/// What a key did over a span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage {
    /// The starts of the hours or days, the oldest first.
    pub starts: Vec<Timestamp>,
    /// What it did in each of them.
    pub course: Series,
    /// The currency of every cost.
    pub currency: Currency,
}
