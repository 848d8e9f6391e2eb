use serde::{Deserialize, Serialize};

use super::{JobSecrets, JobState, Outcome, Progress, Reason};
use crate::{Invalid, JobId, KeyId, Timestamp};

/// A job as the portal and the management API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobView {
    /// The job.
    pub id: JobId,
    /// What kind of work it is: `keys.bulk`, `keys.undo`, `keys.create`, `keys.undo_create`.
    pub kind: String,
    /// What it does, for people.
    pub title: String,
    /// Where it is in its life.
    pub state: JobState,
    /// How far it is.
    pub progress: Progress,
    /// Who asked for it, by name.
    pub created_by: String,
    /// When they asked.
    pub created_at: Timestamp,
    /// When the work began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Why it was given up, for people.
    pub error: Option<String>,
    /// The job that this one takes back.
    pub undoes: Option<JobId>,
    /// The job that takes this one back.
    pub undone_by: Option<JobId>,
    /// Whether it can be ended now.
    pub can_cancel: bool,
    /// Whether there are failed items to try again.
    pub can_retry: bool,
    /// Until when it can be undone; absent where it can't be.
    pub undo_until: Option<Timestamp>,
    /// The secrets of the keys that it made, which can be downloaded once; absent where it makes none.
    pub secrets: Option<JobSecrets>,
}

/// An item of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobItemView {
    /// Its place in the job, from 1.
    pub position: u64,
    /// The key that it is about.
    pub key_id: KeyId,
    /// What that is called; absent when there is no such key.
    pub name: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not done.
    pub reason: Option<Reason>,
    /// The same for people.
    pub message: Option<String>,
    /// When it had its outcome.
    pub at: Option<Timestamp>,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct JobQuery {
    /// Only those in this state; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<JobState>))]
    pub state: Option<String>,
}

impl JobQuery {
    /// The state asked for.
    ///
    /// # Errors
    /// When it is not one.
    pub fn state(&self) -> Result<Option<JobState>, Invalid> {
        self.state.as_deref().filter(|s| !s.is_empty()).map(str::parse).transpose()
    }
}

/// Which items of a job to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct ItemQuery {
    /// Only those with this outcome; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Outcome>))]
    pub outcome: Option<String>,
}

impl ItemQuery {
    /// The outcome asked for.
    ///
    /// # Errors
    /// When it is not one.
    pub fn outcome(&self) -> Result<Option<Outcome>, Invalid> {
        self.outcome.as_deref().filter(|o| !o.is_empty()).map(str::parse).transpose()
    }
}
