//! Whether a known key may call.

use domain::{
    ErrorCode, Timestamp,
    keys::{KeyRefusal, may_call},
};
use store::keys::KeySnapshot;

use crate::respond::Refusal;

/// Refuses a key whose status or expiry says so.
pub(crate) fn check(key: &KeySnapshot, now: Timestamp) -> Result<(), Refusal> {
    may_call(key.status, key.expires_at, now).map_err(|why| match why {
        KeyRefusal::Disabled => Refusal::new(ErrorCode::KeyDisabled, "This key is switched off."),
        KeyRefusal::Revoked => Refusal::new(ErrorCode::KeyRevoked, "This key was revoked."),
        KeyRefusal::Expired => Refusal::new(ErrorCode::KeyExpired, "This key has expired."),
    })
}
