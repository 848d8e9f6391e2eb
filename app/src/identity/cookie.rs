//! The session's cookie: the one place that knows how it is made, ended and read.

use std::{net::IpAddr, time::Duration};

use domain::secrets::Secret;
use http::{HeaderMap, HeaderValue, header};

/// Its name. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`, so that no
/// neighbouring host can plant one.
pub const NAME: &str = "__Host-turnpike_session";

const ATTRIBUTES: &str = "Path=/; HttpOnly; Secure; SameSite=Lax";

/// The `Set-Cookie` of a session that begins.
///
/// # Errors
/// Never for a secret of ours, which is letters, digits and underscores.
pub fn begin(secret: &Secret, max_age: Duration) -> Result<HeaderValue, service::Error> {
    let line = format!("{NAME}={}; Max-Age={}; {ATTRIBUTES}", secret.expose(), max_age.as_secs());
    let mut value = HeaderValue::try_from(line).map_err(service::Error::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The `Set-Cookie` of a session that ends.
pub fn end() -> HeaderValue {
    HeaderValue::from_static("__Host-turnpike_session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax")
}

/// The session that a request carries.
pub fn session(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == NAME).map(|(_, value)| value)
}

/// Whether a browser would keep the cookie on a page at `authority` (`host` or `host:port`): over
/// https, and on loopback, which browsers trust without.
pub fn is_kept(https: bool, authority: &str) -> bool {
    https || is_loopback(authority)
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    };
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Entropy;

    #[test]
    fn has_every_attribute_that_protects_it() {
        let secret = Secret::mint("tps_", &Entropy::new(|out| out.fill(1)));
        let begun = begin(&secret, Duration::from_secs(60)).unwrap();
        assert!(begun.is_sensitive());
        let begun = begun.to_str().unwrap();
        assert!(begun.starts_with(&format!("{NAME}=tps_")));
        for line in [begun, end().to_str().unwrap()] {
            for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age="] {
                assert!(line.split("; ").any(|a| a.starts_with(attribute)), "{line} lacks {attribute}");
            }
            assert!(line.starts_with(NAME) && !line.contains("Domain"));
        }
    }

    #[test]
    fn is_found_among_others_and_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "theme=dark; x__Host-turnpike_session=evil".parse().unwrap());
        assert_eq!(session(&headers), None);
        headers.append(header::COOKIE, "a=b;__Host-turnpike_session=tps_1; c=d".parse().unwrap());
        assert_eq!(session(&headers), Some("tps_1"));
    }

    #[test]
    fn is_kept_over_https_and_on_loopback_only() {
        assert!(is_kept(true, "turnpike.example.com"));
        for here in ["localhost", "localhost:8080", "127.0.0.1:3000", "[::1]:8080", "[::1]", "a.localhost"] {
            assert!(is_kept(false, here), "{here}");
        }
        for elsewhere in ["turnpike.example.com", "192.168.1.5:8080", "localhost.example.com", "[2001:db8::1]:80"] {
            assert!(!is_kept(false, elsewhere), "{elsewhere}");
        }
    }
}
