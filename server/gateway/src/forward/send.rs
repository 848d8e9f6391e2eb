//! Sending a request to its provider.

use domain::{ErrorCode, usage::Endpoint};
use http::{HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::Full;
use integrations::{sandbox, upstream::UpstreamError};

use super::{Source, plan::Plan};
use crate::{
    core::Core,
    respond::{JSON, Refusal},
    snapshot::Way,
};

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("turnpike/", env!("CARGO_PKG_VERSION")));

/// Sends what is planned, and waits for the head of the answer.
pub(super) async fn send(core: &Core, plan: &Plan) -> Result<Response<Source>, Refusal> {
    let connection = &plan.choice.target.connection;
    let answer = async {
        match &connection.way {
            Way::Sandbox => {
                let request = request(plan, sandbox_uri(plan.endpoint), None);
                Ok(sandbox::respond(request).await.map(Source::Sandbox))
            }
            Way::Http(http) => {
                let request = request(plan, http.uri(plan.endpoint).clone(), http.authorization.as_ref());
                let sent = core.upstream.send(request).await;
                sent.map(|response| response.map(Source::Http)).map_err(|error| unreachable(&connection.name, &error))
            }
            Way::Broken => {
                Err(Refusal::new(ErrorCode::Unavailable, "The connection to this provider can't be used right now."))
            }
        }
    };
    tokio::time::timeout(core.settings.first_byte_timeout, answer)
        .await
        .unwrap_or_else(|_| Err(Refusal::new(ErrorCode::UpstreamTimeout, "The provider did not answer in time.")))
}

fn request(plan: &Plan, uri: Uri, authorization: Option<&HeaderValue>) -> Request<Full<bytes::Bytes>> {
    let mut request = Request::new(Full::new(plan.request.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::USER_AGENT, USER_AGENT);
    if let Some(accept) = &plan.accept {
        headers.insert(header::ACCEPT, accept.clone());
    }
    if let Some(authorization) = authorization {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    request
}

fn sandbox_uri(endpoint: Endpoint) -> Uri {
    match endpoint {
        Endpoint::ChatCompletions => Uri::from_static("/v1/chat/completions"),
        Endpoint::Embeddings => Uri::from_static("/v1/embeddings"),
    }
}

/// The client hears that the provider could not be reached; why, is for the operator's log.
fn unreachable(connection: &str, error: &UpstreamError) -> Refusal {
    tracing::warn!(connection, %error, "a provider could not be called");
    match error {
        UpstreamError::Timeout => Refusal::new(ErrorCode::UpstreamTimeout, "Connecting to the provider took too long."),
        UpstreamError::Other => Refusal::new(ErrorCode::UpstreamInvalid, "The provider's answer was not HTTP."),
        _ => Refusal::new(ErrorCode::UpstreamUnreachable, "The provider could not be reached."),
    }
}
