//! Jobs: work that outlives the request that asked for it.
//!
//! A job has items, each of one subject. Every item ends with an [`Outcome`], and with a [`Reason`]
//! where it was not done.

mod reason;
mod secrets;
mod view;
mod work;

pub use reason::Reason;
pub use secrets::{JobSecrets, MadeSecret, SecretsState};
pub use view::{ItemQuery, JobItemView, JobQuery, JobView};
pub use work::Work;

spelled! {
    /// Where a job is in its life.
    JobState as "state" {
        /// Nobody works on it yet.
        Waiting = "waiting",
        /// Somebody works on it, or did until their process ended, and it is taken up again.
        Running = "running",
        /// Every item has an outcome.
        Done = "done",
        /// It was given up; the items without an outcome were not touched.
        Failed = "failed",
        /// Somebody ended it; the items without an outcome were not touched.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// Whether nothing is going to happen any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

spelled! {
    /// What became of an item.
    Outcome as "outcome" {
        /// Nothing yet.
        Waiting = "waiting",
        /// It was changed.
        Done = "done",
        /// There was nothing to do, or it may not be done; the reason says which.
        Skipped = "skipped",
        /// It could not be done; to try again may help.
        Failed = "failed",
    }
}

/// How far a job is, in items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// All of them.
    pub total: u64,
    /// Changed.
    pub done: u64,
    /// With nothing to do.
    pub skipped: u64,
    /// Not managed.
    pub failed: u64,
}

impl Progress {
    /// How many have an outcome.
    pub const fn ended(self) -> u64 {
        self.done + self.skipped + self.failed
    }
}
