//! Where a provider is.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// The address that a provider's paths are appended to, as the OpenAI clients' `base_url`: it
/// includes the version, as in `https://api.openai.com/v1`.
///
/// One rule covers how people write it: a path is taken as it is written, without slashes at its
/// end; where there is no path at all, `/v1` is meant. Kept in one normal form, so that two ways of
/// writing an address compare as equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL of a path below this one, such as `chat/completions`.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}/{}", self.0, path.trim_start_matches('/'))
    }

    /// The normal form, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a text is not a base URL, in sentences for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// It is no URL at all.
    #[error("This is not a URL. Write it like https://api.example.com/v1.")]
    NotAUrl,
    /// It is for another protocol.
    #[error("The URL must start with https:// or http://.")]
    Scheme,
    /// It holds a user name or password, which would be kept and shown unencrypted.
    #[error("The URL must not hold a user name or password; the API key goes into its own field.")]
    Credentials,
    /// It holds something after the path.
    #[error("The URL must not have a query (?…) or a fragment (#…).")]
    QueryOrFragment,
    /// Its path goes up.
    #[error("The URL's path must not contain . or .. segments.")]
    DotSegments,
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let text = text.trim();
        // A parsed Uri has silently lost its fragment, so this is looked for in the text.
        if text.contains(['?', '#']) {
            return Err(InvalidBaseUrl::QueryOrFragment);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidBaseUrl::NotAUrl)?;
        let scheme = match uri.scheme_str() {
            Some(scheme @ ("http" | "https")) => scheme,
            Some(_) => return Err(InvalidBaseUrl::Scheme),
            None => return Err(InvalidBaseUrl::NotAUrl),
        };
        let authority = uri.authority().ok_or(InvalidBaseUrl::NotAUrl)?;
        if authority.as_str().contains('@') {
            return Err(InvalidBaseUrl::Credentials);
        }
        if authority.host().is_empty() || has_bad_port(authority) {
            return Err(InvalidBaseUrl::NotAUrl);
        }
        let path = match uri.path().trim_end_matches('/') {
            "" => "/v1",
            path if path.split('/').any(is_dot_segment) => return Err(InvalidBaseUrl::DotSegments),
            path => path,
        };
        Ok(Self(format!("{scheme}://{}{path}", authority.as_str().to_ascii_lowercase())))
    }
}

/// Whether something that is not a port follows the host.
fn has_bad_port(authority: &http::uri::Authority) -> bool {
    authority.as_str().len() > authority.host().len() && !matches!(authority.port_u16(), Some(1..))
}

fn is_dot_segment(segment: &str) -> bool {
    let dots = segment.to_ascii_lowercase().replace("%2e", ".");
    dots == "." || dots == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, InvalidBaseUrl> {
        text.parse().map(|url: BaseUrl| url.to_string())
    }

    #[test]
    fn every_way_of_writing_one_address_gives_the_same() {
        for text in [
            "https://api.openai.com/v1",
            "https://api.openai.com/v1/",
            "https://api.openai.com/v1//",
            "https://api.openai.com",
            "https://api.openai.com/",
            "  HTTPS://API.OpenAI.com/v1 ",
        ] {
            assert_eq!(parse(text).as_deref(), Ok("https://api.openai.com/v1"), "{text}");
        }
    }

    #[test]
    fn a_path_is_taken_as_it_is_written() {
        assert_eq!(parse("https://api.groq.com/openai/v1").as_deref(), Ok("https://api.groq.com/openai/v1"));
        assert_eq!(parse("http://localhost:11434/Api/").as_deref(), Ok("http://localhost:11434/Api"));
        assert_eq!(parse("http://[::1]:8080/v1").as_deref(), Ok("http://[::1]:8080/v1"));
    }

    #[test]
    fn what_is_no_base_url_says_why() {
        for (text, why) in [
            ("", InvalidBaseUrl::NotAUrl),
            ("api.openai.com/v1", InvalidBaseUrl::NotAUrl),
            ("api.openai.com", InvalidBaseUrl::NotAUrl),
            ("/v1", InvalidBaseUrl::NotAUrl),
            ("https://", InvalidBaseUrl::NotAUrl),
            ("https:///v1", InvalidBaseUrl::NotAUrl),
            ("https://exa mple.com", InvalidBaseUrl::NotAUrl),
            ("https://example.com:99999/v1", InvalidBaseUrl::NotAUrl),
            ("https://example.com:/v1", InvalidBaseUrl::NotAUrl),
            ("https://example.com:0/v1", InvalidBaseUrl::NotAUrl),
            ("ftp://example.com/v1", InvalidBaseUrl::Scheme),
            ("file:///etc/passwd", InvalidBaseUrl::NotAUrl),
            ("https://me:secret@example.com/v1", InvalidBaseUrl::Credentials),
            ("https://example.com/v1?key=1", InvalidBaseUrl::QueryOrFragment),
            ("https://example.com/v1#top", InvalidBaseUrl::QueryOrFragment),
            ("https://example.com/v1/../admin", InvalidBaseUrl::DotSegments),
            ("https://example.com/%2E%2e/admin", InvalidBaseUrl::DotSegments),
        ] {
            assert_eq!(parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn paths_are_joined_with_one_slash() {
        let url: BaseUrl = "https://api.openai.com/v1/".parse().unwrap();
        assert_eq!(url.join("models"), "https://api.openai.com/v1/models");
        assert_eq!(url.join("/chat/completions"), "https://api.openai.com/v1/chat/completions");
    }
}
