//! Whether a known key may call, and what.

use std::net::IpAddr;

use domain::{
    ErrorCode, Timestamp,
    keys::{Broken, KeyRefusal, may_call},
    usage::Endpoint,
};
use store::keys::KeySnapshot;

use super::Known;
use crate::{respond::Refusal, snapshot::Target};

/// Refuses a key whose status or expiry says so, a secret of it whose time is over, and a key that may not call
/// from the client's address.
pub(crate) fn check(known: &Known, now: Timestamp, client: impl FnOnce() -> IpAddr) -> Result<(), Refusal> {
    let key = &known.key;
    may_call(key.status, key.expires_at, now).map_err(|why| match why {
        KeyRefusal::Disabled => Refusal::new(ErrorCode::KeyDisabled, "This key is switched off."),
        KeyRefusal::Revoked => Refusal::new(ErrorCode::KeyRevoked, "This key was revoked."),
        KeyRefusal::Expired => Refusal::new(ErrorCode::KeyExpired, "This key has expired."),
    })?;
    if known.ends_at.is_some_and(|end| end <= now) {
        return Err(rotated());
    }
    if key.rules.ips().is_empty() {
        return Ok(());
    }
    let client = client();
    key.rules.allow_ip(client).map_err(|broken| refused(broken, &client.to_string()))
}

/// Refuses a secret that a key had before.
pub(super) fn rotated() -> Refusal {
    let message = "This key has a new secret, and the time of the old one is over. Use the new one.";
    Refusal::new(ErrorCode::SecretRotated, message)
}

/// Refuses an endpoint that the key's rules do not name.
pub(crate) fn check_endpoint(key: &KeySnapshot, endpoint: Endpoint) -> Result<(), Refusal> {
    key.rules.allow_endpoint(endpoint).map_err(|broken| refused(broken, endpoint.as_str()))
}

/// Refuses a model that the key's rules do not name, by whichever of its names it was asked for.
pub(crate) fn check_model(key: &KeySnapshot, target: &Target) -> Result<(), Refusal> {
    let allowed = key.rules.allow_model(&target.upstream_id, &target.qualified);
    allowed.map_err(|broken| refused(broken, &target.qualified).about("model"))
}

/// Names the rule, and what to do.
fn refused(broken: Broken, what: &str) -> Refusal {
    let (code, sentence) = match broken {
        Broken::Model => (
            ErrorCode::ModelNotAllowed,
            format!(
                "The rules of this key do not allow the model {what:?}. `GET /v1/models` lists what it may call; \
                 someone who manages the key can allow more."
            ),
        ),
        Broken::Endpoint => (
            ErrorCode::EndpointNotAllowed,
            format!("The rules of this key do not allow {what}. Someone who manages the key can allow it."),
        ),
        Broken::Ip => (
            ErrorCode::IpNotAllowed,
            format!(
                "The rules of this key do not allow calls from {what}. Someone who manages the key can allow the address."
            ),
        ),
    };
    Refusal::new(code, sentence)
}
