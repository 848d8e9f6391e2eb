//! `POST /v1/chat/completions`.

mod events;
mod failure;
mod prose;
mod reply;
mod tools;
mod wire;

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::time::sleep;

pub(super) use events::Events;
use failure::Failure;
use reply::Reply;

use super::body::Body;
use super::error::ApiError;
use super::models::{self, Manner, ModelKind, SandboxModel};
use super::seed::Seed;
use super::{FAMILY, json};
use crate::openai::{ChatRequestView, MessageView};
use crate::tokens;

/// How long `sandbox/slow` thinks before it says anything.
const SLOW_START: Duration = Duration::from_millis(1_500);
/// How long `sandbox/slow` takes for a piece of its answer, which is about a token.
const SLOW_PAUSE: Duration = Duration::from_millis(50);
/// After how many events a stream is cut off: after the first piece of text, since there may be no
/// second one.
const CUT_AFTER: usize = 2;
/// The most choices that may be asked for, as at OpenAI.
const MAX_CHOICES: u64 = 128;

/// Answers a conversation.
pub(super) async fn complete(body: &Bytes) -> Result<Response<Body>, ApiError> {
    let request = ChatRequestView::parse(body)?;
    let model = chat_model(&request)?;
    let messages = valid_messages(&request, model)?;
    let prompt_tokens = tokens::count_chat_prompt(FAMILY, &request);
    if prompt_tokens > model.context_window {
        return Err(ApiError::context_length(model.context_window, prompt_tokens));
    }
    let seed = seed_of(&request);
    let failure = match model.manner {
        Manner::Flaky => Failure::choose(&seed, &prose::last_user_text(&messages)),
        _ => None,
    };
    match failure {
        Some(Failure::RateLimited) => return Err(ApiError::rate_limited()),
        Some(Failure::ServerError) => return Err(ApiError::server_error()),
        Some(Failure::Garbage) => return Ok(garbage(request.stream)),
        Some(Failure::Hang) => std::future::pending::<()>().await,
        Some(Failure::Close) | None => {}
    }
    let reply = Reply::compose(model, &request, &messages, &seed, prompt_tokens)?;
    if model.manner == Manner::Slow {
        sleep(SLOW_START).await;
    }
    let cut = failure == Some(Failure::Close);
    Ok(if request.stream { streamed(model, reply, request.include_usage(), cut) } else { whole(&reply, cut) })
}

fn chat_model(request: &ChatRequestView<'_>) -> Result<&'static SandboxModel, ApiError> {
    let id = request
        .model
        .as_deref()
        .ok_or_else(|| ApiError::invalid(Some("model"), "You must provide a model parameter."))?;
    let model = models::find(id).ok_or_else(|| ApiError::model_not_found(id))?;
    match model.kind {
        ModelKind::Chat => Ok(model),
        ModelKind::Embedding => Err(ApiError::wrong_kind(model.id, "v1/chat/completions")),
    }
}

/// The messages, if everything else about the request is in order too.
fn valid_messages<'a>(request: &ChatRequestView<'a>, model: &SandboxModel) -> Result<Vec<MessageView<'a>>, ApiError> {
    if request.stream_options.is_some() {
        if model.manner == Manner::Strict {
            let message = "Unrecognized request argument supplied: stream_options";
            return Err(ApiError::invalid(Some("stream_options"), message));
        }
        if !request.stream {
            let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
            return Err(ApiError::invalid(Some("stream_options"), message));
        }
    }
    if request.n.is_some_and(|n| !(1..=MAX_CHOICES).contains(&n)) {
        return Err(ApiError::invalid(Some("n"), format!("'n' must be from 1 to {MAX_CHOICES}.")));
    }
    if request.max_output_tokens() == Some(0) {
        return Err(ApiError::invalid(Some("max_completion_tokens"), "At least one token must be allowed."));
    }
    request
        .messages()
        .filter(|messages| !messages.is_empty())
        .ok_or_else(|| ApiError::invalid(Some("messages"), "'messages' must be a list of at least one message."))
}

/// The seed of an answer: of what shapes its words, and not of how it is asked to be delivered.
fn seed_of(request: &ChatRequestView<'_>) -> Seed {
    let model = request.model.as_deref().unwrap_or_default();
    let raw = [request.messages, request.tools, request.tool_choice, request.response_format];
    Seed::of(
        [model.as_bytes()].into_iter().chain(raw.iter().map(|raw| raw.map_or(&b""[..], |raw| raw.get().as_bytes()))),
    )
}

fn whole(reply: &Reply, cut: bool) -> Response<Body> {
    let bytes = json::bytes(&wire::Completion::of(reply));
    let body = if cut { Body::cut(&bytes) } else { Body::whole(bytes) };
    json::with_type(StatusCode::OK, "application/json", body)
}

fn streamed(model: &SandboxModel, reply: Reply, include_usage: bool, cut: bool) -> Response<Body> {
    let pause = (model.manner == Manner::Slow).then_some(SLOW_PAUSE);
    let body = Body::stream(Events::new(reply, include_usage), pause, cut.then_some(CUT_AFTER));
    json::with_type(StatusCode::OK, "text/event-stream; charset=utf-8", body)
}

/// An answer that claims to be what was asked for and is not.
fn garbage(stream: bool) -> Response<Body> {
    let (content_type, bytes) = if stream {
        ("text/event-stream; charset=utf-8", &b"data: {\"choices\":[{\"delta\":{\"content\":\n\n"[..])
    } else {
        ("application/json", &b"<!doctype html><title>502 Bad Gateway</title>"[..])
    };
    json::with_type(StatusCode::OK, content_type, Body::whole(Bytes::from_static(bytes)))
}
