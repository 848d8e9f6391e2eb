//! Reading a provider's list of models.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::base_url::BaseUrl;
use super::error::ProbeError;
use crate::upstream::{Upstream, UpstreamError};

/// How long the whole answer may take; the sentence of [`ProbeError::TimedOut`] says it too.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much is read; the sentence of [`ProbeError::TooLarge`] says it too.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The longest name that is taken for one.
const MAX_NAME: usize = 200;

/// A model that a provider offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its name there.
    pub id: String,
    /// Whose it is, where the provider says so.
    pub owned_by: Option<String>,
}

/// Reads `GET {base_url}/models`, which is also how a connection is tested. An empty key sends
/// none, as servers in the house often need none. Models come in the provider's order.
pub async fn list_models(upstream: &Upstream, base_url: &BaseUrl, api_key: &str) -> Result<Vec<ModelInfo>, ProbeError> {
    let request = request(base_url, api_key)?;
    let body = timeout(TIMEOUT, fetch(upstream, request)).await.map_err(|_| ProbeError::TimedOut)??;
    parse(&body)
}

fn request(base_url: &BaseUrl, api_key: &str) -> Result<Request<Full<Bytes>>, ProbeError> {
    let mut request = Request::get(base_url.join("models"))
        .header(ACCEPT, "application/json")
        .body(Full::default())
        .map_err(|_| UpstreamError::Other)?;
    if !api_key.is_empty() {
        let bearer = HeaderValue::try_from(format!("Bearer {api_key}"));
        let mut bearer = bearer.map_err(|_| ProbeError::MalformedKey)?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    Ok(request)
}

async fn fetch(upstream: &Upstream, request: Request<Full<Bytes>>) -> Result<Bytes, ProbeError> {
    let response = upstream.send(request).await?;
    if !response.status().is_success() {
        return Err(ProbeError::of_status(response.status()));
    }
    match Limited::new(response.into_body(), MAX_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ProbeError::TooLarge),
        Err(_) => Err(ProbeError::CutOff),
    }
}

/// Most providers wrap the list as OpenAI does, some send it bare. Entries without a usable name
/// are left out rather than spoiling the list.
fn parse(body: &[u8]) -> Result<Vec<ModelInfo>, ProbeError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| ProbeError::NotJson)?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("data") {
            Some(Value::Array(list)) => list,
            _ => return Err(ProbeError::NotAList),
        },
        _ => return Err(ProbeError::NotAList),
    };
    Ok(list.into_iter().filter_map(model).collect())
}

fn model(entry: Value) -> Option<ModelInfo> {
    #[derive(Deserialize)]
    struct Entry {
        id: String,
        #[serde(default)]
        owned_by: Value,
    }
    let entry: Entry = serde_json::from_value(entry).ok()?;
    let owned_by = entry.owned_by.as_str().filter(|owner| is_name(owner)).map(str::to_owned);
    is_name(&entry.id).then_some(ModelInfo { id: entry.id, owned_by })
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_NAME && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(body: &str) -> Result<Vec<String>, ProbeError> {
        parse(body.as_bytes()).map(|models| models.into_iter().map(|model| model.id).collect())
    }

    #[test]
    fn lists_are_read_wrapped_and_bare() {
        let wrapped = r#"{"object":"list","data":[{"id":"b","owned_by":"acme"},{"id":"a"}]}"#;
        let owned_by = |owner: Option<&str>| owner.map(str::to_owned);
        assert_eq!(
            parse(wrapped.as_bytes()).unwrap(),
            [
                ModelInfo { id: "b".to_owned(), owned_by: owned_by(Some("acme")) },
                ModelInfo { id: "a".to_owned(), owned_by: owned_by(None) },
            ]
        );
        assert_eq!(ids(r#"[{"id":"x"}]"#).unwrap(), ["x"]);
        assert_eq!(ids(r#"{"data":[]}"#).unwrap(), [""; 0]);
    }

    #[test]
    fn odd_entries_are_left_out() {
        let long = "x".repeat(201);
        let body = format!(
            r#"{{"data":[null,1,"x",{{}},{{"id":5}},{{"id":""}},{{"id":"a\nb"}},{{"id":"{long}"}},
                {{"id":"good","owned_by":7}}]}}"#
        );
        assert_eq!(ids(&body).unwrap(), ["good"]);
    }

    #[test]
    fn what_is_no_list_says_so() {
        for body in ["", "<!doctype html>", "{\"data\":", "\u{0}"] {
            assert_eq!(ids(body), Err(ProbeError::NotJson), "{body}");
        }
        for body in ["{}", "null", "3", r#""models""#, r#"{"data":{}}"#, r#"{"error":{"message":"x"}}"#] {
            assert_eq!(ids(body), Err(ProbeError::NotAList), "{body}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_a_header_is_refused_before_anything_is_sent() {
        let url: BaseUrl = "https://example.com".parse().unwrap();
        assert_eq!(request(&url, "sk-1\r\nx: y").unwrap_err(), ProbeError::MalformedKey);
        let sent = request(&url, "sk-secret").unwrap();
        assert_eq!(sent.headers()[AUTHORIZATION], "Bearer sk-secret");
        assert!(!format!("{sent:?}").contains("secret"));
        assert!(request(&url, "").unwrap().headers().get(AUTHORIZATION).is_none());
    }
}
