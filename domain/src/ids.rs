//! Type-safe prefixed identifiers in TypeID form (<https://github.com/jetify-com/typeid>, 0.3):
//! a prefix that names the kind, `_`, and a UUID as 26 characters of lower-case Crockford base32.
//!
//! The UUID inside is a version 7, so ids sort by the time they were made. Strings are for
//! people and wires; the database stores the UUID.

use std::{collections::HashMap, fmt};

use uuid::Uuid;

use crate::{Entropy, Invalid, Timestamp};

/// A map by identities. A call looks in some dozens of them, so it hashes quickly; it need not resist
/// somebody who chooses keys, for identities are minted here.
pub type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Writes 128 bits as 26 base32 digits; the first digit carries 3 bits, so it is at most `7`.
fn encode(uuid: Uuid) -> [u8; 26] {
    let mut rest = uuid.as_u128();
    let mut out = [0; 26];
    for digit in out.iter_mut().rev() {
        *digit = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    out
}

/// An id's text in a buffer, so that writing it takes no memory and one step.
struct Text {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Text {
    /// The longest prefix, an underscore, and the digits.
    const LONGEST: usize = 32;

    fn new(prefix: &str, uuid: Uuid) -> Self {
        let mut bytes = [0; Self::LONGEST];
        let (start, length) = (prefix.len() + 1, prefix.len() + 1 + 26);
        bytes[..prefix.len()].copy_from_slice(prefix.as_bytes());
        bytes[prefix.len()] = b'_';
        bytes[start..length].copy_from_slice(&encode(uuid));
        Self { bytes, length }
    }

    /// It is ASCII throughout, so that reading it as text can't fail.
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

fn decode(text: &[u8]) -> Option<Uuid> {
    if text.len() != 26 || text[0] > b'7' {
        return None;
    }
    let mut value = 0u128;
    for digit in text {
        let bits = ALPHABET.iter().position(|a| a == digit)?;
        value = value << 5 | bits as u128;
    }
    Some(Uuid::from_u128(value))
}

/// Declares one kind of identifier.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The word in front of the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Mints a new identifier for the moment `now`.
            pub fn mint(now: Timestamp, entropy: &Entropy) -> Self {
                Self(entropy.uuid_v7(now))
            }

            /// Takes an identifier back from the database.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// What the database stores.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Text::new($prefix, self.0).as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(Text::new($prefix, self.0).as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|digits| decode(digits.as_bytes()))
                    .map(Self)
                    .ok_or_else(|| Invalid::new("id", concat!("Expected an identifier that starts with ", $prefix, "_.")))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                Text::new($prefix, id.0).as_str().to_owned()
            }
        }
    };
}

id!(/// An organization: the tenant.
    OrganizationId, "org");
id!(/// A person.
    UserId, "usr");
id!(/// A person's membership of an organization.
    MembershipId, "mem");
id!(/// A group of members inside an organization.
    TeamId, "team");
id!(/// An API key, which calls the gateway.
    KeyId, "key");
id!(/// A management token, which calls the management API.
    TokenId, "tok");
id!(/// A signed-in browser.
    SessionId, "ses");
id!(/// Credentials for a provider in one environment.
    ConnectionId, "con");
id!(/// A model in the catalog.
    ModelId, "mod");
id!(/// What a model's units cost from a date on.
    PriceId, "price");
id!(/// How much may be spent, by whom, in which time.
    BudgetId, "bud");
id!(/// A process that serves calls, as long as its journal lasts.
    NodeId, "node");
id!(/// How much may be used in a time, by whom.
    LimitId, "lim");
id!(/// A usage event: one metered call or one adjustment.
    EventId, "evt");
id!(/// One call at the gateway or one request at the portal, as answered in `x-request-id`.
    RequestId, "req");
id!(/// A list's filters and order, under a name.
    ViewId, "view");
id!(/// A named recipe for keys.
    TemplateId, "tpl");
id!(/// Work that outlives the request that asked for it.
    JobId, "job");
id!(/// A process's runner of jobs, as long as it runs.
    WorkerId, "wrk");
id!(/// An entry of the audit log.
    AuditId, "aud");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn matches_the_specifications_vector() {
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(KeyId::from_uuid(uuid).to_string(), "key_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn refuses_other_kinds_and_overflow() {
        assert!("org_01h455vb4pex5vsknk084sn02q".parse::<KeyId>().is_err());
        assert!("key_81h455vb4pex5vsknk084sn02q".parse::<KeyId>().is_err());
        assert!("key_01h455vb4pex5vsknk084sn02".parse::<KeyId>().is_err());
    }

    proptest! {
        #[test]
        fn round_trips(bits: u128) {
            let id = UserId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<UserId>().unwrap(), id);
        }
    }
}
