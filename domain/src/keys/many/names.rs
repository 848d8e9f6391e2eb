use serde::{Deserialize, Serialize};

use super::MOST_KEYS;
use crate::{Invalid, keys::KeyName};

/// Where the number stands in a name.
const NUMBER: &str = "{n}";
/// More digits than any number has.
const MOST_DIGITS: u32 = 20;

/// Names that differ by a number: `checkout-{n}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamePattern {
    /// The name, with `{n}` where the number stands.
    #[cfg_attr(feature = "openapi", schema(example = "checkout-{n}"))]
    pub name: String,
    /// How many, up to 10,000.
    pub count: u32,
    /// The first number.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub start: u64,
    /// How many digits a number has at least; zeros are put before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub digits: u32,
}

fn one() -> u64 {
    1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands it over so; only on large machines is that worth a remark"
)]
fn is_one(start: &u64) -> bool {
    *start == 1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands it over so; only on large machines is that worth a remark"
)]
fn is_zero(digits: &u32) -> bool {
    *digits == 0
}

impl NamePattern {
    /// The names in the order of their numbers.
    ///
    /// # Errors
    /// When there is no number in the name, a name would be none, or there would be too many.
    pub fn names(&self) -> Result<Vec<KeyName>, Invalid> {
        let wrong = |message: &'static str| Err(Invalid::new("pattern", message));
        let Some((before, after)) = self.name.split_once(NUMBER) else {
            return wrong("Write {n} where the number stands, as in checkout-{n}.");
        };
        if after.contains(NUMBER) {
            return wrong("Write {n} once.");
        }
        if !(1..=MOST_KEYS as u64).contains(&u64::from(self.count)) {
            return wrong("Give a count from 1 to 10,000.");
        }
        if self.digits > MOST_DIGITS {
            return wrong("Give at most 20 digits.");
        }
        if self.start.checked_add(u64::from(self.count)).is_none() {
            return wrong("Start with a smaller number.");
        }
        let width = self.digits as usize;
        let name = |number: u64| format!("{before}{number:0width$}{after}").parse();
        let names = (self.start..).take(self.count as usize).map(name).collect::<Result<_, _>>();
        names.map_err(|wrong: Invalid| Invalid::new("pattern", wrong.message))
    }
}
