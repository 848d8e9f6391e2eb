use domain::{
    catalog::Provider,
    usage::{CallStatus, Endpoint},
};

/// Who runs a service, for people.
pub(crate) const fn provider(provider: Provider) -> &'static str {
    match provider {
        Provider::Sandbox => "Sandbox",
        Provider::OpenaiCompatible => "OpenAI-compatible",
    }
}

/// How a call ended, in a sentence.
pub(super) const fn ending(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Ok => "The client got all of the answer.",
        CallStatus::Error => "The provider, or the way to it, failed.",
        CallStatus::Aborted => "The client left before the answer's end.",
        CallStatus::Interrupted => "Turnpike stopped before the answer's end.",
    }
}

/// The address that was called.
pub(super) const fn endpoint(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::ChatCompletions => "POST /v1/chat/completions",
        Endpoint::Embeddings => "POST /v1/embeddings",
    }
}
