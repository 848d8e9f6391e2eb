use std::{fmt, str::FromStr};

use crate::Invalid;

/// An e-mail address, lower-cased, so that one person has one account.
///
/// The rule is deliberately small: something, `@`, a domain with a dot or `localhost`. Whether
/// mail arrives there only a message can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Invalid;
    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let bad = || Invalid::new("email", "Enter an e-mail address, as in mara@example.com.");
        let text = raw.trim().to_ascii_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or_else(bad)?;
        let clean = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && !"@<>()[],;:\\\"".contains(c))
        };
        let dotted =
            domain == "localhost" || (domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.'));
        if text.len() > 254 || !clean(local) || !clean(domain) || !dotted {
            return Err(bad());
        }
        Ok(Self(text))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = Invalid;
    fn try_from(raw: String) -> Result<Self, Self::Error> {
        raw.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_and_refuses_what_no_mail_reaches() {
        assert_eq!(" Mara@Acme.DEV ".parse::<Email>().unwrap().as_str(), "mara@acme.dev");
        for bad in [
            "",
            "mara",
            "@acme.dev",
            "mara@",
            "mara@acme",
            "a b@acme.dev",
            "mara@acme.dev\n",
            "mära@acme.dev",
            "m@.dev",
        ] {
            let accepted = bad.parse::<Email>();
            assert!(accepted.is_err() || bad.trim() != bad, "{bad:?}");
        }
    }
}
