//! Who is calling: the socket's peer, or what a trusted proxy says.

use std::net::{IpAddr, Ipv6Addr};

use domain::network::IpRange;
use http::HeaderMap;

/// The address that a call comes from.
///
/// It is the socket's peer, unless that is a trusted proxy: then the rightmost hop of
/// `X-Forwarded-For` that is none. What stands further left was written by strangers.
#[must_use]
pub fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpRange]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|range| range.contains(ip));
    let mut believed = peer.to_canonical();
    if !is_trusted(believed) {
        return believed;
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev().filter_map(|line| line.to_str().ok());
    for hop in lines.flat_map(|line| line.rsplit(',')) {
        // A hop that is no address ends the chain: nothing left of it can be judged.
        let Some(ip) = parse_hop(hop.trim()) else { break };
        believed = ip;
        if !is_trusted(ip) {
            break;
        }
    }
    believed
}

/// An address, with or without a port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = || hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    bare().or_else(with_port).or_else(bracketed).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpRange> = trusted.iter().map(|range| range.parse().unwrap()).collect();
        client_ip(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn an_untrusted_peer_says_nothing() {
        assert_eq!(ip("9.9.9.9", &["1.2.3.4"], &[]), "9.9.9.9");
        assert_eq!(ip("9.9.9.9", &["1.2.3.4"], &["10.0.0.0/8"]), "9.9.9.9");
    }

    #[test]
    fn the_rightmost_untrusted_hop_counts() {
        let trusted = &["10.0.0.0/8", "::1"];
        assert_eq!(ip("10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.2"], trusted), "1.2.3.4");
        assert_eq!(ip("10.0.0.1", &["6.6.6.6", "1.2.3.4:555"], trusted), "1.2.3.4");
        assert_eq!(ip("::ffff:10.0.0.1", &["[2001:db8::5]"], trusted), "2001:db8::5");
        assert_eq!(ip("::1", &["10.0.0.7"], trusted), "10.0.0.7");
        assert_eq!(ip("10.0.0.1", &[], trusted), "10.0.0.1");
        assert_eq!(ip("10.0.0.1", &["1.2.3.4, unknown, 10.0.0.2"], trusted), "10.0.0.2");
    }
}
