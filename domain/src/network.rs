//! Ranges of addresses.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use crate::Invalid;

/// How many bits of an IPv6 address say that it is an IPv4 address in IPv6 clothes.
const MAPPED: u8 = 96;

/// A range of addresses, as in `10.0.0.0/8`, or a single one.
///
/// IPv4 addresses in IPv6 clothes (`::ffff:10.0.0.1`) count as IPv4, in the range as well as in what is
/// compared with it; so no range of IPv6 holds an IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpRange {
    /// The first address of the range.
    network: IpAddr,
    prefix: u8,
}

impl IpRange {
    /// Whether `address` lies in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4() && first(address, self.prefix) == self.network
    }
}

/// The first address of the range of that prefix in which `address` lies.
fn first(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Ipv4Addr::from(u32::from(ip) & mask).into()
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Ipv6Addr::from(u128::from(ip) & mask).into()
        }
    }
}

impl FromStr for IpRange {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || {
            let shown: String = text.trim().chars().take(60).collect();
            let message =
                format!("{shown:?} is no range of addresses. Write one as in 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32.");
            Invalid::new("ips", message)
        };
        let (address, prefix) = text.trim().split_once('/').unzip();
        let address: IpAddr = address.unwrap_or(text.trim()).parse().map_err(|_| bad())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let prefix: u8 = match prefix {
            None => whole,
            Some(prefix) => prefix.parse().ok().filter(|n| digits(prefix) && *n <= whole).ok_or_else(bad)?,
        };
        let (address, prefix) = match address.to_canonical() {
            IpAddr::V4(ip) if address.is_ipv6() => match prefix.checked_sub(MAPPED) {
                Some(prefix) => (ip.into(), prefix),
                None => (address, prefix),
            },
            _ => (address, prefix),
        };
        Ok(Self { network: first(address, prefix), prefix })
    }
}

/// A single address is written without its prefix.
impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = if self.network.is_ipv4() { 32 } else { 128 };
        match self.prefix == whole {
            true => write!(f, "{}", self.network),
            false => write!(f, "{}/{}", self.network, self.prefix),
        }
    }
}

impl TryFrom<String> for IpRange {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<IpRange> for String {
    fn from(range: IpRange) -> Self {
        range.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(text: &str) -> IpRange {
        text.parse().unwrap()
    }

    fn holds(text: &str, address: &str) -> bool {
        range(text).contains(address.parse().unwrap())
    }

    #[test]
    fn what_is_no_range_is_refused() {
        let bad =
            ["", "10.0.0.0/33", "::/129", "10.0.0.0/x", "10.0.0.0/", "10.0.0.0/+8", "ten", "10.0.0.0/8/8", "1.2.3"];
        for bad in bad {
            assert!(bad.parse::<IpRange>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_families_are_kept_apart() {
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("::/0", "::1") && !holds("::/0", "8.8.8.8") && !holds("::/0", "::ffff:8.8.8.8"));
    }

    #[test]
    fn ipv4_in_ipv6_clothes_is_ipv4() {
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(holds("::ffff:10.0.0.0/104", "10.1.2.3") && !holds("::ffff:10.0.0.0/104", "11.1.2.3"));
        assert_eq!(range("::ffff:10.0.0.0/104"), range("10.0.0.0/8"));
        assert_eq!(range("::ffff:192.0.2.7").to_string(), "192.0.2.7");
    }

    #[test]
    fn a_range_is_written_from_its_first_address() {
        assert_eq!(range(" 10.1.2.3/8 ").to_string(), "10.0.0.0/8");
        assert_eq!(range("2001:DB8::1/32").to_string(), "2001:db8::/32");
        assert_eq!(range("192.0.2.7/32").to_string(), "192.0.2.7");
    }

    proptest! {
        /// Compared with a bit-by-bit reading of what a prefix means.
        #[test]
        fn as_many_bits_are_compared_as_the_prefix_says(net: u128, ip: u128, shared in 0u8..=128, prefix in 0u8..=128) {
            let ip = if shared == 0 { ip } else { (net >> (128 - u32::from(shared)) << (128 - u32::from(shared))) | ip.checked_shr(u32::from(shared)).unwrap_or(0) };
            // Neither is an IPv4 address in IPv6 clothes.
            let (net, ip) = (net | 1 << 127, ip | 1 << 127);
            let range: IpRange = format!("{}/{prefix}", Ipv6Addr::from(net)).parse().unwrap();
            let same = (0..u32::from(prefix)).all(|bit| (net >> (127 - bit)) & 1 == (ip >> (127 - bit)) & 1);
            prop_assert_eq!(range.contains(Ipv6Addr::from(ip).into()), same);
            prop_assert_eq!(range.to_string().parse::<IpRange>().unwrap(), range);
        }

        #[test]
        fn of_ipv4_too(net: u32, ip: u32, prefix in 0u8..=32) {
            let range: IpRange = format!("{}/{prefix}", Ipv4Addr::from(net)).parse().unwrap();
            let same = (0..u32::from(prefix)).all(|bit| (net >> (31 - bit)) & 1 == (ip >> (31 - bit)) & 1);
            prop_assert_eq!(range.contains(Ipv4Addr::from(ip).into()), same);
            prop_assert!(range.contains(Ipv4Addr::from(net).into()));
            prop_assert_eq!(range.to_string().parse::<IpRange>().unwrap(), range);
        }
    }
}
