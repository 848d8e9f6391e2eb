//! Argon2id with OWASP's parameters: 19 MiB, two passes, one lane.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use domain::{Entropy, identity::NewPassword};
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// How many passwords are hashed at once: each takes 19 MiB and a core for some time.
const AT_ONCE: usize = 2;

#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    /// What a password is compared with when there is no account, so that both take as long.
    nobody: Arc<str>,
}

impl Passwords {
    pub(crate) fn new(entropy: &Entropy) -> Result<Self> {
        let nobody = hash(&entropy.bytes::<24>(), &entropy.bytes::<16>())?;
        Ok(Self { turns: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The hash of a new password, in PHC form.
    pub(crate) async fn hash(&self, password: &NewPassword, entropy: &Entropy) -> Result<String> {
        let (password, salt) = (password.expose().to_owned(), entropy.bytes::<16>());
        self.in_turn(move || hash(password.as_bytes(), &salt)).await?
    }

    /// Whether `password` is the one that was hashed. Takes as long when there is no hash.
    pub(crate) async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool> {
        let exists = stored.is_some();
        let (password, stored) = (password.to_owned(), stored.unwrap_or(&self.nobody).to_owned());
        let matches = self.in_turn(move || matches(&password, &stored)).await?;
        Ok(matches && exists)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8], salt: &[u8]) -> Result<String> {
    Ok(argon2()?.hash_password_with_salt(password, salt).map_err(Error::internal)?.to_string())
}

fn matches(password: &str, stored: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(stored) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn verifies_what_was_hashed_and_nothing_else() {
        let entropy = Entropy::new(|out| out.fill(7));
        let passwords = Passwords::new(&entropy).unwrap();
        let stored = passwords.hash(&"correct horse battery".parse().unwrap(), &entropy).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify("correct horse battery", Some(&stored)).await.unwrap());
        assert!(!passwords.verify("correct horse", Some(&stored)).await.unwrap());
        assert!(!passwords.verify("correct horse battery", None).await.unwrap());
    }
}
