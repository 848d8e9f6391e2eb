//! The management API from outside: what is asked over HTTP, and what its refusals say.

use std::{fs, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use integrations::upstream::{Policy, Upstream};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    cli::{ServerArgs, Token},
    commands::{Failure, fail},
};

const CONNECTING: Duration = Duration::from_secs(10);
/// How long an answer may take, its last byte included.
const ANSWERING: Duration = Duration::from_secs(60);
const AGENT: &str = concat!("turnpike-cli/", env!("CARGO_PKG_VERSION"));

/// A server, and the right to ask it.
pub(super) struct Client {
    http: Upstream,
    /// Its address, without a slash at the end.
    base: String,
    authorization: HeaderValue,
}

/// What was answered, as it was sent.
pub(super) struct Answer {
    base: String,
    /// The JSON.
    pub(super) text: String,
}

impl Client {
    /// A client of the server that the options name.
    pub(super) fn new(args: &ServerArgs) -> Result<Self, Failure> {
        let base = args.url.trim_end_matches('/').to_owned();
        let uri: Option<Uri> = base.parse().ok();
        let plain = |uri: &Uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
                && uri.query().is_none()
        };
        if !uri.as_ref().is_some_and(plain) {
            let message =
                format!("--url can't be {:?}. Give an address such as https://turnpike.example.com.", args.url);
            return Err(Failure::usage(message));
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", token(args)?))
            .map_err(|_| Failure::usage("The token holds what no token can. Copy it again."))?;
        authorization.set_sensitive(true);
        // Whoever types an address may reach what is in their own house.
        let http = Upstream::new(Policy { private_allowed: true }, CONNECTING);
        Ok(Self { http, base, authorization })
    }

    /// Reads what is at `path`, which begins with `/api/`.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Sends `body` to `path`.
    pub(super) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        self.send(Method::POST, path, serde_json::to_vec(body).map_err(fail)?.into()).await
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<Answer, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, AGENT)
            .body(Full::new(body))
            .map_err(fail)?;
        let late = |_| fail(format!("{} did not answer within {} seconds.", self.base, ANSWERING.as_secs()));
        let (status, place, text) = tokio::time::timeout(ANSWERING, self.exchange(request)).await.map_err(late)??;
        match status {
            _ if status.is_success() => Ok(Answer { base: self.base.clone(), text }),
            // Who is at the other place is unknown, so the token does not go there.
            _ if status.is_redirection() => Err(fail(format!(
                "{} redirects to {}, and redirects are not followed. If that is your Turnpike, give its address as --url.",
                self.base,
                place.as_deref().unwrap_or("somewhere else")
            ))),
            _ => Err(refusal(&self.base, status, &text)),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Option<String>, String), Failure> {
        let unreachable = |why: &dyn std::fmt::Display| {
            fail(format!(
                "{} can't be reached: {why}. Start Turnpike there, or name another address by --url or TURNPIKE_URL.",
                self.base
            ))
        };
        let response = self.http.send(request).await.map_err(|error| unreachable(&error))?;
        let (status, place) = (response.status(), response.headers().get(header::LOCATION));
        let place = place.map(|place| String::from_utf8_lossy(place.as_bytes()).into_owned());
        let body = response.into_body().collect().await.map_err(|_| unreachable(&"the answer ended early"))?;
        Ok((status, place, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
    }
}

impl Answer {
    /// What it says.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.text).map_err(|_| {
            fail(format!(
                "What {} answered can't be read. It may be of another version than this program; --output json prints \
                 answers as they are.",
                self.base
            ))
        })
    }
}

fn token(args: &ServerArgs) -> Result<String, Failure> {
    let found = match (&args.token_file, &args.token) {
        (Some(file), _) => {
            let text = fs::read_to_string(file)
                .map_err(|e| Failure::usage(format!("The token file {} can't be read: {e}.", file.display())))?;
            text.lines().next().unwrap_or_default().trim().to_owned()
        }
        (None, Some(Token(token))) => token.trim().to_owned(),
        (None, None) => String::new(),
    };
    match found.is_empty() {
        true => Err(Failure::usage(
            "A management token is needed. Make one on the portal's Tokens page, and set TURNPIKE_TOKEN or give --token-file.",
        )),
        false => Ok(found),
    }
}

/// A refusal's own sentence, with its code and the request by which operators find it.
fn refusal(base: &str, status: StatusCode, text: &str) -> Failure {
    /// Of the envelope what is told; a newer server may know codes that this program does not.
    #[derive(Deserialize)]
    struct Envelope {
        error: Refused,
    }
    #[derive(Deserialize)]
    struct Refused {
        code: String,
        message: String,
        param: Option<String>,
        request_id: String,
    }
    match serde_json::from_str(text) {
        Ok(Envelope { error: Refused { code, message, param, request_id } }) => {
            let about = param.map(|param| format!(" about {param}")).unwrap_or_default();
            fail(format!("{message} ({code}{about}, {request_id})"))
        }
        Err(_) => fail(format!("{base} answered {status}, and not as Turnpike does. Is the address right?")),
    }
}

/// Names and values as the part of an address behind its question mark.
pub(super) fn query<'a>(pairs: impl IntoIterator<Item = (&'static str, &'a str)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded() {
        assert_eq!(query([("q", "a b&c=d/é"), ("status", "!revoked")]), "q=a%20b%26c%3Dd%2F%C3%A9&status=%21revoked");
    }
}
