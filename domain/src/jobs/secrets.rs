use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{KeyId, Timestamp};

spelled! {
    /// Where the secrets of a job's keys are.
    SecretsState as "secrets" {
        /// The job is not over yet.
        Waiting = "waiting",
        /// They can be downloaded, once.
        Ready = "ready",
        /// They were, and are gone.
        Downloaded = "downloaded",
        /// Their time is over, and they are gone.
        Expired = "expired",
    }
}

/// The secrets of the keys that a job made. Until they are downloaded or their time is over they are kept sealed;
/// afterwards nobody has them but who downloaded them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobSecrets {
    /// Where they are.
    pub state: SecretsState,
    /// How many can be downloaded.
    pub count: u64,
    /// Until when they can; absent while the job is not over and once they are gone.
    pub until: Option<Timestamp>,
    /// When they were downloaded.
    pub downloaded_at: Option<Timestamp>,
    /// Whether you are the one who can download them: who asked for the job.
    pub yours: bool,
}

impl JobSecrets {
    /// How long after a job's end its secrets are kept.
    pub const KEPT: Duration = Duration::from_secs(3600);

    /// How it stands at `now` with the secrets of a job that was over at `ended_at`, of which `sealed` are kept, and which
    /// were `taken_at` if at all; nothing when it is over and made none.
    pub fn of(
        ended_at: Option<Timestamp>,
        (made, sealed): (u64, u64),
        taken_at: Option<Timestamp>,
        yours: bool,
        now: Timestamp,
    ) -> Option<Self> {
        let gone = |state| Self { state, count: 0, until: None, downloaded_at: taken_at, yours };
        let Some(end) = ended_at else {
            return Some(Self {
                state: SecretsState::Waiting,
                count: sealed,
                until: None,
                downloaded_at: taken_at,
                yours,
            });
        };
        let until = end.plus(Self::KEPT);
        match () {
            () if made == 0 => None,
            () if sealed > 0 && now < until => {
                Some(Self { state: SecretsState::Ready, count: sealed, until: Some(until), downloaded_at: None, yours })
            }
            // A job that was retried made others since.
            () if taken_at.is_some_and(|taken| taken >= end) => Some(gone(SecretsState::Downloaded)),
            () => Some(gone(SecretsState::Expired)),
        }
    }
}

/// A key's secret as it is downloaded.
#[derive(Clone, PartialEq, Eq)]
pub struct MadeSecret {
    /// The key.
    pub key: KeyId,
    /// How it was called when it was made.
    pub name: String,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for MadeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeSecret").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn can_be_downloaded_for_an_hour_once() {
        let at = |minutes: i64| Timestamp::from_micros(minutes * 60_000_000);
        let state = |ended: Option<i64>, counts, taken: Option<i64>, now| {
            JobSecrets::of(ended.map(at), counts, taken.map(at), true, at(now)).map(|secrets| secrets.state)
        };
        assert_eq!(state(None, (5, 5), None, 9), Some(SecretsState::Waiting));
        assert_eq!(state(Some(0), (5, 5), None, 59), Some(SecretsState::Ready));
        assert_eq!(state(Some(0), (5, 5), None, 60), Some(SecretsState::Expired), "before upkeep has come by");
        assert_eq!(state(Some(0), (5, 0), Some(3), 59), Some(SecretsState::Downloaded));
        assert_eq!(state(Some(0), (5, 0), None, 70), Some(SecretsState::Expired));
        assert_eq!(state(Some(5), (5, 2), Some(3), 6), Some(SecretsState::Ready), "of those that were retried");
        assert_eq!(state(Some(5), (5, 0), Some(3), 70), Some(SecretsState::Expired));
        assert_eq!(state(Some(0), (0, 0), None, 1), None);
    }
}
