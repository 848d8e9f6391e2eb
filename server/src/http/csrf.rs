use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::ErrorCode;

use super::{actor, cookie, error::ApiError};

/// Refuses state changes that another site's page asked a browser for.
#[derive(Debug, Clone, Default)]
pub struct Csrf {
    /// The authority of `public_url`, for when a proxy changes the `Host`.
    public: Option<String>,
}

impl Csrf {
    /// Takes the address under which people know this installation, where one is set.
    pub fn new(public_url: Option<&Uri>) -> Self {
        let public = public_url.and_then(|url| Some(canonical(url.scheme_str()?, url.authority()?)));
        Self { public }
    }

    /// Whether the request may use the rights that the browser adds by itself.
    ///
    /// `Sec-Fetch-Site` decides where the browser sends it, `Origin` where it is older. A program
    /// sends neither; it has no rights but those in its own headers, so a cookie without either is
    /// refused.
    fn allows(&self, request: &Request) -> bool {
        let headers = request.headers();
        if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) || actor::bearer(headers).is_some()
        {
            return true;
        }
        if let Some(site) = headers.get("sec-fetch-site") {
            return site == "same-origin" || site == "none";
        }
        match headers.get(header::ORIGIN) {
            Some(origin) => origin.to_str().is_ok_and(|origin| self.is_ours(origin, request.uri(), headers)),
            None => cookie::session(headers).is_none(),
        }
    }

    fn is_ours(&self, origin: &str, uri: &Uri, headers: &HeaderMap) -> bool {
        let Ok(origin) = origin.parse::<Uri>() else { return false };
        let (Some(scheme), Some(from)) = (origin.scheme_str(), origin.authority()) else { return false };
        let from = canonical(scheme, from);
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
        let host = host.or_else(|| uri.authority().cloned()).map(|host| canonical(scheme, &host));
        host.as_ref() == Some(&from) || self.public.as_ref() == Some(&from)
    }
}

/// Host and port, the port always said.
fn canonical(scheme: &str, authority: &Authority) -> String {
    let port = authority.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    format!("{}:{port}", authority.host().to_ascii_lowercase())
}

/// The layer.
pub(super) async fn guard(State(csrf): State<Csrf>, request: Request, next: Next) -> Response {
    if csrf.allows(&request) {
        return next.run(request).await;
    }
    let message = "The request came from another site. Open the portal and do it there, or send a management token.";
    ApiError::from(service::Error::new(ErrorCode::CrossSite, message)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn allowed(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let public = "https://turnpike.example.com".parse().unwrap();
        Csrf::new(Some(&public)).allows(&request.body(Body::empty()).unwrap())
    }

    const COOKIE: (&str, &str) = ("cookie", "__Host-turnpike_session=x");

    #[test]
    fn a_browser_s_word_decides() {
        for (site, right) in [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)] {
            assert_eq!(allowed("POST", &[COOKIE, ("sec-fetch-site", site)]), right, "{site}");
        }
        let lies = [COOKIE, ("sec-fetch-site", "cross-site"), ("origin", "http://a.b"), ("host", "a.b")];
        assert!(!allowed("POST", &lies));
    }

    #[test]
    fn otherwise_the_origin_must_be_ours() {
        let host = ("host", "Portal.internal:8080");
        assert!(allowed("POST", &[COOKIE, host, ("origin", "http://portal.internal:8080")]));
        assert!(allowed("POST", &[COOKIE, ("host", "portal.internal"), ("origin", "https://portal.internal:443")]));
        assert!(allowed("POST", &[COOKIE, ("host", "portal.internal"), ("origin", "https://portal.internal")]));
        assert!(allowed("POST", &[COOKIE, host, ("origin", "https://turnpike.example.com")]));
        for other in
            ["http://portal.internal", "http://evil.example", "null", "", "http://portal.internal:8080.evil.example"]
        {
            assert!(!allowed("POST", &[COOKIE, host, ("origin", other)]), "{other}");
            assert!(!allowed("POST", &[host, ("origin", other)]), "without a session: {other}");
        }
    }

    #[test]
    fn a_cookie_alone_is_refused_and_reading_or_a_token_is_not() {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert!(!allowed(method, &[COOKIE]), "{method}");
            assert!(allowed(method, &[COOKIE, ("authorization", "Bearer tpm_x"), ("sec-fetch-site", "cross-site")]));
            assert!(!allowed(method, &[COOKIE, ("authorization", "Basic eDp5")]), "what browsers add by themselves");
            assert!(allowed(method, &[]), "a program that signs in");
        }
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(allowed(method, &[COOKIE, ("sec-fetch-site", "cross-site")]), "{method}");
        }
    }
}
