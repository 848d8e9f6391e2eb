//! Money and rates. Integers only: a float never touches an amount.

use std::{fmt, str::FromStr};

use crate::Invalid;

const NANOS: i64 = 1_000_000_000;

/// An amount in the installation's book currency, in nano-units (10⁻⁹).
///
/// An `i64` of nano-units spans ± 9.2 thousand million, which is checked: arithmetic that would
/// leave it is an error, never a wrap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(i64);

/// Arithmetic left the range of [`Money`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large to be booked")]
pub struct MoneyError;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Takes an amount in nano-units.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The amount in nano-units.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The sum of two amounts.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError)
    }

    /// The sum of many amounts, exact whatever the order.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        let total: i128 = amounts.into_iter().map(|m| i128::from(m.0)).sum();
        i64::try_from(total).map(Self).map_err(|_| MoneyError)
    }

    /// For people: two decimals, or as many as the first three significant digits of a smaller
    /// amount need, e.g. `12.40`, `0.00094`.
    pub fn display_short(self) -> String {
        let exact = self.to_string();
        let (whole, fraction) = exact.split_once('.').unwrap_or((&exact, ""));
        let leading = fraction.bytes().take_while(|b| *b == b'0').count();
        let keep = if whole.trim_start_matches('-') == "0" && leading >= 2 { (leading + 3).min(9) } else { 2 };
        let scale = i128::from(10i64.pow(9 - keep as u32));
        let nanos = div_half_even(i128::from(self.0), scale) * scale;
        let rounded = Self(i64::try_from(nanos).unwrap_or(self.0)).to_string();
        let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
        format!("{whole}.{fraction:0<2}")
    }
}

/// The exact decimal without trailing zeros, e.g. `1.5`, `0.000000001`, `-3`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::new(self.0).as_str())
    }
}

/// A decimal in a buffer, so that writing it takes no memory and one step: each call writes several.
struct Text {
    bytes: [u8; Self::LONGEST],
    start: usize,
}

impl Text {
    /// A sign, ten digits, a point and nine more.
    const LONGEST: usize = 21;

    fn new(nanos: i64) -> Self {
        let mut text = Self { bytes: [0; Self::LONGEST], start: Self::LONGEST };
        let (mut whole, mut fraction) = (nanos.unsigned_abs() / NANOS as u64, nanos.unsigned_abs() % NANOS as u64);
        let mut decimals = 9;
        while fraction != 0 && fraction.is_multiple_of(10) {
            fraction /= 10;
            decimals -= 1;
        }
        if fraction != 0 {
            for _ in 0..decimals {
                text.push_front(b'0' + (fraction % 10) as u8);
                fraction /= 10;
            }
            text.push_front(b'.');
        }
        loop {
            text.push_front(b'0' + (whole % 10) as u8);
            whole /= 10;
            if whole == 0 {
                break;
            }
        }
        if nanos < 0 {
            text.push_front(b'-');
        }
        text
    }

    fn push_front(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    /// It is ASCII throughout, so that reading it as text can't fail.
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..]).unwrap_or_default()
    }
}

fn parse_nanos(field: &'static str, text: &str) -> Result<i64, Invalid> {
    let bad = |message: &'static str| Invalid::new(field, message);
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(bad("Give the amount as a decimal number, as in 12.50."));
    }
    if fraction.trim_end_matches('0').len() > 9 {
        return Err(bad("Use at most nine decimals."));
    }
    let nanos: i64 = format!("{:0<9.9}", fraction).parse().map_err(|_| bad("Use at most nine decimals."))?;
    let whole: i64 = whole.parse().map_err(|_| bad("The amount is too large."))?;
    let value =
        whole.checked_mul(NANOS).and_then(|w| w.checked_add(nanos)).ok_or_else(|| bad("The amount is too large."))?;
    Ok(if negative { -value } else { value })
}

impl FromStr for Money {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_nanos("amount", text).map(Self)
    }
}

/// What a million units cost, in nano-units of the book currency. Never negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rate(i64);

impl Rate {
    /// Free.
    pub const ZERO: Self = Self(0);

    /// Takes nano-units per million units; negative ones become zero.
    pub const fn from_nanos_per_million(nanos: i64) -> Self {
        Self(if nanos < 0 { 0 } else { nanos })
    }

    /// Nano-units per million units.
    pub const fn nanos_per_million(self) -> i64 {
        self.0
    }

    /// The exact price of `units`, in nano-units times a million, so that a sum of several is
    /// rounded once: see [`Money::from_rated`].
    pub(crate) fn rated(self, units: u64) -> i128 {
        i128::from(self.0) * i128::from(units)
    }
}

impl Money {
    /// Rounds a sum of [`Rate::rated`] products to nano-units, half to even.
    pub(crate) fn from_rated(sum: i128) -> Result<Self, MoneyError> {
        i64::try_from(div_half_even(sum, 1_000_000)).map(Self).map_err(|_| MoneyError)
    }
}

/// The exact decimal per million units, e.g. `2.5`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::new(self.0).as_str())
    }
}

impl FromStr for Rate {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parse_nanos("price", text)? {
            negative if negative < 0 => Err(Invalid::new("price", "A price can't be negative.")),
            nanos => Ok(Self(nanos)),
        }
    }
}

macro_rules! decimal_serde {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(Text::new(self.0).as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
decimal_serde!(Money);
decimal_serde!(Rate);

/// Divides and rounds half to even, also below zero.
fn div_half_even(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value.div_euclid(by), value.rem_euclid(by));
    let up = match (rest * 2).cmp(&by) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    quotient + i128::from(up)
}

/// The installation's one book currency: an ISO 4217 code such as `USD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar, the default.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("USD")
    }

    /// What stands before an amount: `$`, `€`, `£`, `¥`, `₹`, or the code and a space.
    pub fn symbol(&self) -> &'static str {
        match &self.0 {
            b"USD" => "$",
            b"EUR" => "€",
            b"GBP" => "£",
            b"JPY" => "¥",
            b"INR" => "₹",
            _ => "",
        }
    }
}

impl FromStr for Currency {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(Invalid::new("currency", "Give the currency as its three-letter code, as in USD.")),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_to_even() {
        let cases = [(5, 10, 0), (15, 10, 2), (25, 10, 2), (-5, 10, 0), (-15, 10, -2), (26, 10, 3), (24, 10, 2)];
        for (value, by, expected) in cases {
            assert_eq!(div_half_even(value, by), expected, "{value}/{by}");
        }
    }

    #[test]
    fn shows_small_amounts_with_their_digits() {
        let shown = |nanos| Money::from_nanos(nanos).display_short();
        assert_eq!(shown(12_400_000_000), "12.40");
        assert_eq!(shown(940_000), "0.00094");
        assert_eq!(shown(941_499), "0.000941");
        assert_eq!(shown(0), "0.00");
        assert_eq!(shown(1), "0.000000001");
        assert_eq!(shown(1_999_000_000), "2.00");
        assert_eq!(shown(-1_500_000_000), "-1.50");
    }

    #[test]
    fn refuses_what_is_not_a_decimal() {
        for bad in ["", "1,5", "1e3", "0.0000000001", "9999999999999", "--1", "1.", ".5", "NaN"] {
            assert!(bad.parse::<Money>().is_err(), "{bad}");
        }
        assert!("-1".parse::<Rate>().is_err());
    }

    proptest! {
        #[test]
        fn money_round_trips(nanos: i64) {
            prop_assume!(nanos != i64::MIN);
            let money = Money::from_nanos(nanos);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn short_display_never_panics(nanos: i64) {
            let _ = Money::from_nanos(nanos).display_short();
        }
    }
}
