use crate::Invalid;

/// A password that someone chooses, long enough to be accepted.
///
/// Length is the only rule, as NIST SP 800-63B § 5.1.1.2 advises: at least 12 characters, at
/// most 1,024 bytes, nothing asked about kinds of characters.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// The password, for the one place that hashes it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for NewPassword {
    type Err = Invalid;
    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        if raw.chars().count() < 12 {
            return Err(Invalid::new(
                "password",
                "Use at least 12 characters. A few words in a row are easy to remember.",
            ));
        }
        if raw.len() > 1024 {
            return Err(Invalid::new("password", "Use at most 1,024 characters."));
        }
        Ok(Self(raw.to_owned()))
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}
