//! Encryption of secrets at rest: an envelope of XChaCha20-Poly1305.
//!
//! Every secret has a data key of its own, sealed by the master key; both layers name table,
//! column and row as associated data, so that a sealed value copied to another row does not open.
//! The envelope carries the fingerprint of the master key that sealed it, so that the master key
//! can be rotated: the first line of the key file seals, every line opens.
//!
//! `version (1) ‖ fingerprint (8) ‖ nonce (24) ‖ sealed data key (48) ‖ nonce (24) ‖ sealed secret`

use std::sync::Arc;

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use domain::Entropy;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const VERSION: u8 = 1;
const HEADER: usize = 1 + 8;
const NONCE: usize = 24;
const SEALED_KEY: usize = 32 + 16;

/// Where a secret is stored. A sealed value opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's id.
    pub row: Uuid,
}

impl Place {
    fn associated_data(&self) -> Vec<u8> {
        format!("{}\0{}\0{}", self.table, self.column, self.row).into_bytes()
    }
}

/// Why a secret could not be sealed or opened. Says nothing about the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The master key file is not what it should be.
    #[error("The master key must be 64 hexadecimal digits a line, the newest first.")]
    BadMasterKey,
    /// Sealed under a master key that is not in the file.
    #[error("A secret was sealed with a master key that is not in the key file. Add that key as a further line.")]
    UnknownMasterKey,
    /// Changed, cut off, or moved to another row.
    #[error("A sealed secret does not open: it was changed or belongs to another row.")]
    DoesNotOpen,
}

/// Seals and opens secrets. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<[MasterKey]>,
    entropy: Entropy,
}

struct MasterKey {
    fingerprint: [u8; 8],
    cipher: XChaCha20Poly1305,
}

impl Vault {
    /// Reads the master keys from the text of a key file.
    ///
    /// # Errors
    /// [`VaultError::BadMasterKey`] when a line is not 32 bytes in hexadecimal, or there is none.
    pub fn new(key_file: &str, entropy: Entropy) -> Result<Self, VaultError> {
        let lines = key_file.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys = lines.map(MasterKey::parse).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(VaultError::BadMasterKey);
        }
        Ok(Self { keys: keys.into(), entropy })
    }

    /// The text of a new key file.
    pub fn generate(entropy: &Entropy) -> String {
        let mut text = entropy.bytes::<32>().iter().map(|b| format!("{b:02x}")).collect::<String>();
        text.push('\n');
        text
    }

    /// Seals `secret` for `place`.
    pub fn seal(&self, place: Place, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let aad = place.associated_data();
        let data_key = self.entropy.bytes::<32>();
        let mut out = vec![VERSION];
        out.extend(self.keys[0].fingerprint);
        self.seal_layer(&self.keys[0].cipher, &aad, &data_key, &mut out)?;
        self.seal_layer(&XChaCha20Poly1305::new(&Key::from(data_key)), &aad, secret, &mut out)?;
        Ok(out)
    }

    fn seal_layer(
        &self,
        cipher: &XChaCha20Poly1305,
        aad: &[u8],
        msg: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), VaultError> {
        let nonce = self.entropy.bytes::<NONCE>();
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg, aad }).map_err(|_| VaultError::DoesNotOpen)?;
        out.extend(nonce);
        out.extend(sealed);
        Ok(())
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// When it was sealed elsewhere, changed, or under an unknown master key.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let aad = place.associated_data();
        let header = sealed.get(..HEADER).filter(|h| h[0] == VERSION).ok_or(VaultError::DoesNotOpen)?;
        let master = self.keys.iter().find(|k| k.fingerprint == header[1..]).ok_or(VaultError::UnknownMasterKey)?;
        let (wrapped, rest) = sealed[HEADER..].split_at_checked(NONCE + SEALED_KEY).ok_or(VaultError::DoesNotOpen)?;
        let data_key: [u8; 32] =
            open_layer(&master.cipher, &aad, wrapped)?.try_into().map_err(|_| VaultError::DoesNotOpen)?;
        open_layer(&XChaCha20Poly1305::new(&Key::from(data_key)), &aad, rest)
    }
}

fn open_layer(cipher: &XChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (nonce, msg) = sealed.split_at_checked(NONCE).ok_or(VaultError::DoesNotOpen)?;
    let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| VaultError::DoesNotOpen)?;
    cipher.decrypt(&XNonce::from(nonce), Payload { msg, aad }).map_err(|_| VaultError::DoesNotOpen)
}

impl MasterKey {
    fn parse(line: &str) -> Result<Self, VaultError> {
        let digit = |i: usize| u8::from_str_radix(line.get(i..i + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..line.len()).step_by(2).map(digit).collect();
        let key: [u8; 32] = bytes.and_then(|b| b.try_into().ok()).ok_or(VaultError::BadMasterKey)?;
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&Sha256::digest(key)[..8]);
        Ok(Self { fingerprint, cipher: XChaCha20Poly1305::new(&Key::from(key)) })
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    fn entropy() -> Entropy {
        let next = AtomicU8::new(1);
        Entropy::new(move |out| out.fill_with(|| next.fetch_add(1, Ordering::Relaxed)))
    }

    fn place(row: u128) -> Place {
        Place { table: "connections", column: "api_key", row: Uuid::from_u128(row) }
    }

    #[test]
    fn opens_only_where_it_was_sealed_and_unchanged() {
        let vault = Vault::new(&Vault::generate(&entropy()), entropy()).unwrap();
        let sealed = vault.seal(place(1), b"sk-secret").unwrap();
        assert_eq!(vault.open(place(1), &sealed).unwrap(), b"sk-secret");
        assert_eq!(vault.open(place(2), &sealed), Err(VaultError::DoesNotOpen));
        for at in [HEADER + 3, HEADER + NONCE + SEALED_KEY + 2, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(vault.open(place(1), &changed), Err(VaultError::DoesNotOpen));
        }
        for length in 0..sealed.len() {
            assert!(vault.open(place(1), &sealed[..length]).is_err());
        }
    }

    #[test]
    fn a_rotated_master_key_still_opens_what_the_old_one_sealed() {
        let entropy = entropy();
        let (old, new) = (Vault::generate(&entropy), Vault::generate(&entropy));
        let sealed = Vault::new(&old, entropy.clone()).unwrap().seal(place(1), b"x").unwrap();
        let rotated = Vault::new(&format!("{new}{old}"), entropy.clone()).unwrap();
        assert_eq!(rotated.open(place(1), &sealed).unwrap(), b"x");
        let without = Vault::new(&new, entropy).unwrap();
        assert_eq!(without.open(place(1), &sealed), Err(VaultError::UnknownMasterKey));
    }

    #[test]
    fn refuses_a_key_file_that_is_none() {
        for bad in ["", "abc", &"zz".repeat(32), &"ab".repeat(31), "ключ"] {
            assert!(Vault::new(bad, entropy()).is_err(), "{bad:?}");
        }
    }
}
