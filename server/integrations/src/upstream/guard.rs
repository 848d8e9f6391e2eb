//! The SSRF guard: which addresses a configured URL may lead to.
//!
//! A URL that a person types is a way to make Turnpike call something that the person cannot reach:
//! a database on the private network, the cloud's metadata service with its credentials. So every
//! address is judged at the moment of connecting, and what is not known to be public is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Whether private and loopback addresses may be called, as platform staff may allow for
    /// providers in the house. Metadata services, link-local, multicast and reserved addresses
    /// never may.
    pub private_allowed: bool,
}

/// What a refused address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A cloud's metadata service.
    #[error("its address is a cloud metadata service")]
    Metadata,
    /// This very machine.
    #[error("its address is this machine itself")]
    Loopback,
    /// A private network.
    #[error("its address is private")]
    Private,
    /// The local link.
    #[error("its address is link-local")]
    LinkLocal,
    /// A group of machines.
    #[error("its address is a multicast address")]
    Multicast,
    /// An IPv4 address in disguise, which would be judged as something that it is not.
    #[error("its address is a translated or tunnelled IPv4 address")]
    Translated,
    /// Documentation, benchmarks, the unspecified address, the future.
    #[error("its address is reserved and no public host has it")]
    Reserved,
}

impl Policy {
    /// Whether this address may be connected to.
    pub fn check(self, address: IpAddr) -> Result<(), Refusal> {
        let class = match address {
            IpAddr::V4(address) => class_of_v4(address),
            // `::ffff:a.b.c.d` is connected to as IPv4, and so it is judged as IPv4.
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => class_of_v4(address),
                None => class_of_v6(address),
            },
        };
        match class {
            None => Ok(()),
            Some(Refusal::Loopback | Refusal::Private) if self.private_allowed => Ok(()),
            Some(refusal) => Err(refusal),
        }
    }
}

/// What a special IPv4 address is, `None` for a public one.
fn class_of_v4(address: Ipv4Addr) -> Option<Refusal> {
    let bits = u32::from(address);
    let within = |&&(net, prefix, _): &&(Ipv4Addr, u32, Refusal)| (bits ^ u32::from(net)) >> (32 - prefix) == 0;
    V4.iter().find(within).map(|&(_, _, class)| class)
}

/// What a special IPv6 address is, `None` for a public one.
fn class_of_v6(address: Ipv6Addr) -> Option<Refusal> {
    let bits = u128::from(address);
    let within = |&&(net, prefix, _): &&(Ipv6Addr, u32, Refusal)| (bits ^ u128::from(net)) >> (128 - prefix) == 0;
    let class = V6.iter().find(within).map(|&(_, _, class)| class);
    // Only 2000::/3 has been given out as global unicast, so the rest can't be a public host.
    let unassigned = (bits >> 125 != 1).then_some(Refusal::Reserved);
    class.or(unassigned)
}

const fn v4(a: u8, b: u8, c: u8, d: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, d)
}

/// Special IPv4 networks (IANA's registry, and the clouds' metadata services); the first match wins.
const V4: &[(Ipv4Addr, u32, Refusal)] = &[
    (v4(169, 254, 169, 254), 32, Refusal::Metadata), // AWS, Google, Azure, Oracle, …
    (v4(169, 254, 170, 2), 32, Refusal::Metadata),   // AWS containers
    (v4(100, 100, 100, 200), 32, Refusal::Metadata), // Alibaba
    (v4(168, 63, 129, 16), 32, Refusal::Metadata),   // Azure's host channel
    (v4(192, 0, 0, 192), 32, Refusal::Metadata),     // Oracle, classic
    (v4(0, 0, 0, 0), 8, Refusal::Reserved),
    (v4(10, 0, 0, 0), 8, Refusal::Private),
    (v4(100, 64, 0, 0), 10, Refusal::Private), // carrier-grade NAT
    (v4(127, 0, 0, 0), 8, Refusal::Loopback),
    (v4(169, 254, 0, 0), 16, Refusal::LinkLocal),
    (v4(172, 16, 0, 0), 12, Refusal::Private),
    (v4(192, 0, 0, 0), 24, Refusal::Reserved),
    (v4(192, 0, 2, 0), 24, Refusal::Reserved),   // documentation
    (v4(192, 88, 99, 0), 24, Refusal::Reserved), // 6to4 relays
    (v4(192, 168, 0, 0), 16, Refusal::Private),
    (v4(198, 18, 0, 0), 15, Refusal::Private), // benchmarks; in practice private networks
    (v4(198, 51, 100, 0), 24, Refusal::Reserved), // documentation
    (v4(203, 0, 113, 0), 24, Refusal::Reserved), // documentation
    (v4(224, 0, 0, 0), 4, Refusal::Multicast),
    (v4(240, 0, 0, 0), 4, Refusal::Reserved), // the future, and broadcast
];

const fn v6(high: [u16; 4], low: [u16; 4]) -> Ipv6Addr {
    Ipv6Addr::new(high[0], high[1], high[2], high[3], low[0], low[1], low[2], low[3])
}

/// Special IPv6 networks; the first match wins.
const V6: &[(Ipv6Addr, u32, Refusal)] = &[
    (v6([0xfd00, 0xec2, 0, 0], [0, 0, 0, 0x254]), 128, Refusal::Metadata), // AWS
    (v6([0xfd20, 0xce, 0, 0], [0, 0, 0, 0x254]), 128, Refusal::Metadata),  // Google
    (v6([0xfd00, 0xc1, 0, 0], [0, 0, 0xa9fe, 0xa9fe]), 128, Refusal::Metadata), // Oracle
    (v6([0; 4], [0, 0, 0, 1]), 128, Refusal::Loopback),
    (v6([0; 4], [0; 4]), 128, Refusal::Reserved),
    (v6([0; 4], [0; 4]), 96, Refusal::Translated), // ::a.b.c.d, long obsolete
    (v6([0x64, 0xff9b, 0, 0], [0; 4]), 96, Refusal::Translated), // NAT64
    (v6([0x64, 0xff9b, 1, 0], [0; 4]), 48, Refusal::Translated), // NAT64, local
    (v6([0x2002, 0, 0, 0], [0; 4]), 16, Refusal::Translated), // 6to4
    (v6([0x2001, 0, 0, 0], [0; 4]), 32, Refusal::Translated), // Teredo
    (v6([0x2001, 0, 0, 0], [0; 4]), 23, Refusal::Reserved), // protocol assignments
    (v6([0x2001, 0xdb8, 0, 0], [0; 4]), 32, Refusal::Reserved), // documentation
    (v6([0x3fff, 0, 0, 0], [0; 4]), 20, Refusal::Reserved), // documentation
    (v6([0xfc00, 0, 0, 0], [0; 4]), 7, Refusal::Private),
    (v6([0xfec0, 0, 0, 0], [0; 4]), 10, Refusal::Private), // site-local, obsolete
    (v6([0xfe80, 0, 0, 0], [0; 4]), 10, Refusal::LinkLocal),
    (v6([0xff00, 0, 0, 0], [0; 4]), 8, Refusal::Multicast),
];

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC_ONLY: Policy = Policy { private_allowed: false };
    const WITH_PRIVATE: Policy = Policy { private_allowed: true };

    fn check(policy: Policy, address: &str) -> Result<(), Refusal> {
        policy.check(address.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_allowed_by_both() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::8888",
        ] {
            assert_eq!(check(PUBLIC_ONLY, address), Ok(()), "{address}");
            assert_eq!(check(WITH_PRIVATE, address), Ok(()), "{address}");
        }
    }

    #[test]
    fn private_addresses_are_allowed_only_by_setting() {
        for address in [
            "127.0.0.1",
            "127.255.255.255",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
        ] {
            assert!(check(PUBLIC_ONLY, address).is_err(), "{address}");
            assert_eq!(check(WITH_PRIVATE, address), Ok(()), "{address}");
        }
    }

    #[test]
    fn some_addresses_are_never_allowed() {
        for (address, why) in [
            ("169.254.169.254", Refusal::Metadata),
            ("::ffff:169.254.169.254", Refusal::Metadata),
            ("169.254.170.2", Refusal::Metadata),
            ("100.100.100.200", Refusal::Metadata),
            ("168.63.129.16", Refusal::Metadata),
            ("192.0.0.192", Refusal::Metadata),
            ("fd00:ec2::254", Refusal::Metadata),
            ("fd20:ce::254", Refusal::Metadata),
            ("fd00:c1::a9fe:a9fe", Refusal::Metadata),
            ("169.254.1.1", Refusal::LinkLocal),
            ("fe80::1", Refusal::LinkLocal),
            ("febf::1", Refusal::LinkLocal),
            ("0.0.0.0", Refusal::Reserved),
            ("0.1.2.3", Refusal::Reserved),
            ("::", Refusal::Reserved),
            ("192.0.0.1", Refusal::Reserved),
            ("192.0.2.1", Refusal::Reserved),
            ("192.88.99.1", Refusal::Reserved),
            ("198.51.100.1", Refusal::Reserved),
            ("203.0.113.1", Refusal::Reserved),
            ("240.0.0.1", Refusal::Reserved),
            ("255.255.255.255", Refusal::Reserved),
            ("100::1", Refusal::Reserved),
            ("2001:db8::1", Refusal::Reserved),
            ("2001:20::1", Refusal::Reserved),
            ("3fff::1", Refusal::Reserved),
            ("5f00::1", Refusal::Reserved),
            ("4000::1", Refusal::Reserved),
            ("224.0.0.1", Refusal::Multicast),
            ("239.255.255.255", Refusal::Multicast),
            ("ff02::1", Refusal::Multicast),
            ("64:ff9b::7f00:1", Refusal::Translated),
            ("64:ff9b:1::a9fe:a9fe", Refusal::Translated),
            ("2002:7f00:1::", Refusal::Translated),
            ("2001:0:7f00:1::", Refusal::Translated),
            ("::127.0.0.1", Refusal::Translated),
        ] {
            assert_eq!(check(PUBLIC_ONLY, address), Err(why), "{address}");
            assert_eq!(check(WITH_PRIVATE, address), Err(why), "{address}");
        }
    }

    #[test]
    fn by_default_nothing_private_is_allowed() {
        assert_eq!(Policy::default(), PUBLIC_ONLY);
    }
}
