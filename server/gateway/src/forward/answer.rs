//! What a provider answered, and what the client hears of it.

use std::sync::Arc;

use bytes::Bytes;
use domain::ErrorCode;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header, response::Parts};
use integrations::openai::ErrorEnvelope;

use super::{Source, headers, plan::Plan, source::NotWhole};
use crate::{
    call::{Arrival, Call, Ending},
    core::Core,
    meter::{self, stream::Metered},
    respond::{Body, Refusal, X_TURNPIKE_COST, X_TURNPIKE_MAX_OUTPUT_TOKENS, X_TURNPIKE_ROUTE, json},
};

/// The longest error that is passed on.
const LONGEST_ERROR: usize = 64 << 10;

/// What a provider answered.
pub(super) enum Answer {
    /// The call is answered whole.
    Whole(Parts, Bytes),
    /// The call is being answered.
    Stream(Parts, Source),
    /// The provider said no, in a form that its clients understand.
    Error(Parts, Bytes, String),
    /// There is no answer.
    Failed(Refusal),
}

/// The provider refused to be asked for the usage of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RefusedUsage;

/// Takes an answer as far as it must be known before the client is answered.
pub(super) async fn receive(
    core: &Core,
    plan: &Plan,
    call: &mut Call,
    response: Response<Source>,
) -> Result<Answer, RefusedUsage> {
    let (head, source) = response.into_parts();
    if head.status.is_success() {
        return Ok(receive_success(core, call, head, source).await);
    }
    receive_error(core, plan, call, head, source).await
}

async fn receive_success(core: &Core, call: &mut Call, head: Parts, source: Source) -> Answer {
    if is_encoded(&head.headers) {
        return invalid("The provider's answer is compressed, which it was not asked for.");
    }
    if is_stream(&head.headers) {
        return Answer::Stream(head, source);
    }
    match source.whole(core.settings.max_answer_bytes, core.settings.idle_timeout, || call.first_byte()).await {
        Ok(body) => match meter::read(&body) {
            Some(read) => {
                call.saw(&read);
                Answer::Whole(head, body)
            }
            None => invalid("The provider answered with something that is not JSON."),
        },
        Err(NotWhole::BrokeOff) => invalid("The provider broke its answer off."),
        Err(NotWhole::TooLarge) => invalid("The provider's answer is larger than this installation takes."),
        Err(NotWhole::TooSlow) => {
            Answer::Failed(Refusal::new(ErrorCode::UpstreamTimeout, "The provider paused for too long."))
        }
    }
}

async fn receive_error(
    core: &Core,
    plan: &Plan,
    call: &mut Call,
    head: Parts,
    source: Source,
) -> Result<Answer, RefusedUsage> {
    let status = head.status;
    if status.is_redirection() || status.is_informational() {
        return Ok(invalid("The provider answered with a redirect, which is not followed."));
    }
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        tracing::warn!(connection = plan.choice.target.connection.name, %status, "a provider refused the credentials");
        let message = "The provider refused the connection's credentials.";
        return Ok(Answer::Failed(Refusal::new(ErrorCode::UpstreamRefused, message)));
    }
    let body = source.whole(LONGEST_ERROR, core.settings.idle_timeout, || call.first_byte()).await.unwrap_or_default();
    if plan.asks_for_usage
        && matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
        && std::str::from_utf8(&body).is_ok_and(|text| text.contains("stream_options"))
    {
        return Err(RefusedUsage);
    }
    Ok(match error_code(&body) {
        Some(code) => Answer::Error(head, body, code.unwrap_or_else(|| format!("upstream_{}", status.as_u16()))),
        None => {
            let retry_after = head.headers.get(header::RETRY_AFTER).cloned();
            let message = format!("The provider answered with status {} and no explanation.", status.as_u16());
            Answer::Failed(Refusal::new(ErrorCode::UpstreamInvalid, message).with_status(status, retry_after))
        }
    })
}

/// Whether `body` is an error in the form of OpenAI's; and its code, if it has one.
fn error_code(body: &[u8]) -> Option<Option<String>> {
    let envelope: ErrorEnvelope<'_> = serde_json::from_slice(body).ok()?;
    let error = envelope.error;
    error.message.is_some().then(|| error.code.or(error.kind).map(std::borrow::Cow::into_owned))
}

fn invalid(message: &'static str) -> Answer {
    Answer::Failed(Refusal::new(ErrorCode::UpstreamInvalid, message))
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity")
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    kind.get(..17).is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/event-stream"))
}

impl Answer {
    /// Settles the call, unless its stream does that at its end, and answers the client. The journal is to be
    /// flushed before the answer is given away.
    pub(super) async fn into_response(
        self,
        core: &Arc<Core>,
        arrival: Arrival,
        plan: &Plan,
        mut call: Call,
    ) -> Result<Response<Body>, Refusal> {
        let (head, mut response) = match self {
            Self::Failed(refusal) => {
                call.settle_soon(Ending::failed(refusal.status().as_u16(), refusal.code().as_str()));
                return Err(refusal);
            }
            Self::Error(head, body, code) => {
                call.settle_soon(Ending::failed(head.status.as_u16(), &code));
                let response = json(head.status, body);
                (head, response)
            }
            Self::Whole(head, body) => {
                let cost = settle(call, Ending::ok(head.status.as_u16())).await;
                let mut response = json(head.status, body);
                if let Some(Ok(cost)) = cost.map(|cost| HeaderValue::try_from(cost.to_string())) {
                    response.headers_mut().insert(X_TURNPIKE_COST, cost);
                }
                (head, response)
            }
            Self::Stream(head, source) => {
                let status = head.status;
                let (asks, when_left) = (plan.asks_for_usage, plan.choice.target.connection.when_left);
                let metered = Metered::new(core.clone(), arrival, source, call, status.as_u16(), asks, when_left);
                let mut response = Response::new(Body::stream(metered));
                *response.status_mut() = status;
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
                (head, response)
            }
        };
        let to = response.headers_mut();
        headers::pass(&head.headers, to);
        to.insert(X_TURNPIKE_ROUTE, plan.choice.target.route.clone());
        if let Some(cap) = plan.cap.filter(|cap| cap.by_budget) {
            to.insert(X_TURNPIKE_MAX_OUTPUT_TOKENS, HeaderValue::from(cap.tokens));
        }
        Ok(response)
    }
}

/// Settles a call that was answered whole, without holding others up where that means counting much.
async fn settle(mut call: Call, ending: Ending) -> Option<domain::Money> {
    if call.is_costly() {
        return tokio::task::spawn_blocking(move || call.settle_soon(ending)).await.unwrap_or_default();
    }
    call.settle_soon(ending)
}
