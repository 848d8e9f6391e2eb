//! The JSON of answers and of chunks.

use serde::Serialize;

use super::reply::{Reply, Said};
use crate::openai::Usage;
use crate::sandbox::CREATED;

const FINGERPRINT: &str = "fp_sandbox";

/// A whole answer.
#[derive(Debug, Serialize)]
pub(super) struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    system_fingerprint: &'static str,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Debug, Serialize)]
struct Choice<'a> {
    index: usize,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[ToolCall<'a>; 1]>,
}

impl<'a> Completion<'a> {
    /// The answer's JSON.
    pub(super) fn of(reply: &'a Reply) -> Self {
        let choices = reply.choices.iter().enumerate().map(|(index, choice)| {
            let (content, tool_calls) = match &choice.said {
                Said::Text(text) => (Some(text.as_str()), None),
                Said::Call(call) => {
                    let function = Function { name: Some(&call.name), arguments: &call.arguments };
                    let kind = Some("function");
                    (None, Some([ToolCall { index: None, id: Some(&call.id), kind, function }]))
                }
            };
            let message = Message { role: "assistant", content, refusal: None, tool_calls };
            Choice { index, message, logprobs: None, finish_reason: choice.finish_reason }
        });
        Self {
            id: &reply.id,
            object: "chat.completion",
            created: CREATED,
            model: reply.model,
            system_fingerprint: FINGERPRINT,
            choices: choices.collect(),
            usage: reply.usage,
        }
    }
}

/// One chunk of a streamed answer.
#[derive(Debug, Serialize)]
pub(super) struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    system_fingerprint: &'static str,
    /// One, or none in the usage chunk.
    choices: Vec<ChunkChoice<'a>>,
    /// Null in every chunk but the last if usage was asked for, absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
}

#[derive(Debug, Serialize)]
struct ChunkChoice<'a> {
    index: usize,
    delta: Delta<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

/// What a chunk adds to a choice.
#[derive(Debug, Default, Serialize)]
pub(super) struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_calls: Option<[ToolCall<'a>; 1]>,
}

/// A tool call; in a stream, all but the index and the arguments come only in the first chunk.
#[derive(Debug, Serialize)]
pub(super) struct ToolCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    pub(super) function: Function<'a>,
}

/// The function called.
#[derive(Debug, Serialize)]
pub(super) struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    pub(super) arguments: &'a str,
}

impl<'a> Chunk<'a> {
    /// A chunk that adds to one choice. `usage_asked` leaves a null where the last chunk has it.
    pub(super) fn delta(
        reply: &'a Reply,
        usage_asked: bool,
        index: usize,
        delta: Delta<'a>,
        finish_reason: Option<&'static str>,
    ) -> Self {
        let choice = ChunkChoice { index, delta, logprobs: None, finish_reason };
        Self::with(reply, vec![choice], usage_asked.then_some(None))
    }

    /// The chunk with the usage.
    pub(super) fn usage(reply: &'a Reply, usage: Usage) -> Self {
        Self::with(reply, Vec::new(), Some(Some(usage)))
    }

    fn with(reply: &'a Reply, choices: Vec<ChunkChoice<'a>>, usage: Option<Option<Usage>>) -> Self {
        Self {
            id: &reply.id,
            object: "chat.completion.chunk",
            created: CREATED,
            model: reply.model,
            system_fingerprint: FINGERPRINT,
            choices,
            usage,
        }
    }
}
