use serde::{Deserialize, Serialize};

use crate::jobs::JobView;

/// What would be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManyPreview {
    /// How many keys it is about.
    pub count: u64,
    /// The names of the first of them.
    pub names: Vec<String>,
    /// The name of the last one.
    pub last: Option<String>,
    /// Those that can't be made. As long as there is one, none is.
    pub bad: Vec<BadRow>,
}

/// A key that can't be made as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BadRow {
    /// Its line in the CSV, or its place among the keys, from 1.
    pub row: u64,
    /// The name that it was to have.
    pub name: String,
    /// What is wrong: a field of the row, or of what holds for all.
    pub field: String,
    /// What to do about it.
    pub message: String,
}

/// What comes of [`super::ManyKeys`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManyAnswer {
    /// What would be made.
    Preview(ManyPreview),
    /// The job that makes them.
    Job(Box<JobView>),
}
