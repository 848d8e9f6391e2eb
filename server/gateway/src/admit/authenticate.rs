//! Reading the key that a request presents.

use domain::{
    ErrorCode,
    keys::Environment,
    secrets::{self, SecretHash},
};
use http::{HeaderMap, header};

use crate::respond::Refusal;

/// The hash of the presented key. What does not have a key's form is refused without looking it up.
pub(crate) fn presented(headers: &HeaderMap) -> Result<SecretHash, Refusal> {
    let missing = || Refusal::new(ErrorCode::MissingApiKey, "Send your key as `Authorization: Bearer tpk_…`.");
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let secret = value.to_str().map_err(|_| unknown())?;
    let (scheme, secret) = secret.split_once(' ').unwrap_or((secret, ""));
    let secret = secret.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || secret.is_empty() {
        return Err(missing());
    }
    let is_key = Environment::ALL.iter().any(|e| secrets::is_well_formed(e.key_prefix(), secret));
    if is_key { Ok(SecretHash::of(secret)) } else { Err(unknown()) }
}

/// One answer for keys that are malformed and keys that nobody has.
pub(super) fn unknown() -> Refusal {
    Refusal::new(ErrorCode::InvalidApiKey, "This key is not known. Check that it was copied whole.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Entropy, secrets::Secret};

    fn code(value: &str) -> Result<SecretHash, ErrorCode> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        presented(&headers).map_err(|refusal| refusal.code())
    }

    #[test]
    fn only_a_well_formed_key_is_looked_up() {
        let secret = Secret::mint("tpk_test_", &Entropy::new(|out| out.fill(7)));
        let key = secret.expose();
        assert_eq!(code(&format!("Bearer {key}")), Ok(secret.hash()));
        assert_eq!(code(&format!("bearer  {key} ")), Ok(secret.hash()));
        for missing in ["Bearer", "Bearer ", key, "Basic abc"] {
            assert_eq!(code(missing), Err(ErrorCode::MissingApiKey), "{missing}");
        }
        let wrong = format!("Bearer {}x", &key[..key.len() - 1]);
        for invalid in ["Bearer x", "Bearer tpk_live_", "Bearer sk-proj-abc", &wrong, &format!("Bearer {key} x")] {
            assert_eq!(code(invalid), Err(ErrorCode::InvalidApiKey), "{invalid}");
        }
        assert_eq!(presented(&HeaderMap::new()).unwrap_err().code(), ErrorCode::MissingApiKey);
    }
}
