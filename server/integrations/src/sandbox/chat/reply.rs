//! Deciding the whole answer, before a byte of it is sent.

use serde_json::{Value, json};

use super::prose;
use super::tools::{self, Call};
use crate::openai::{ChatRequestView, CompletionTokensDetails, MessageView, PromptTokensDetails, Usage};
use crate::sandbox::error::ApiError;
use crate::sandbox::models::{Manner, SandboxModel};
use crate::sandbox::seed::Seed;
use crate::sandbox::{FAMILY, schema};
use crate::tokens::{count, truncate};

/// A whole answer.
#[derive(Debug)]
pub(in crate::sandbox) struct Reply {
    pub(super) id: String,
    pub(super) model: &'static str,
    pub(super) choices: Vec<Choice>,
    /// Absent where the model never tells.
    pub(super) usage: Option<Usage>,
}

/// One choice of an answer.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) said: Said,
    pub(super) finish_reason: &'static str,
}

/// What is said.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Text(String),
    Call(Call),
}

impl Said {
    /// What grows while it is streamed.
    pub(super) fn growing(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Call(call) => &call.arguments,
        }
    }

    /// Tokens that it costs besides what grows.
    fn fixed_tokens(&self) -> u64 {
        match self {
            Self::Text(_) => 0,
            Self::Call(call) => count(FAMILY, &call.name),
        }
    }
}

impl Reply {
    /// The answer to a conversation.
    pub(super) fn compose(
        model: &SandboxModel,
        request: &ChatRequestView<'_>,
        messages: &[MessageView<'_>],
        seed: &Seed,
        prompt_tokens: u64,
    ) -> Result<Self, ApiError> {
        let format = request.response_format.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let text = prose::text_to_answer(messages);
        let limit = request.max_output_tokens().map_or(model.max_output_tokens, |max| max.min(model.max_output_tokens));
        let (mut completion_tokens, mut reasoning_tokens) = (0, 0);
        let mut choices = Vec::new();
        for index in 0..request.n.unwrap_or(1) {
            let seed = seed.derive("choice", index);
            let thinking = if model.manner == Manner::Reasoning { thinking_tokens(&seed).min(limit) } else { 0 };
            let said = match tools::call(request, messages, &seed)? {
                Some(call) => Said::Call(call),
                None => Said::Text(structured(format.as_ref(), &text, &seed)),
            };
            let (choice, tokens) = limited(said, limit - thinking);
            completion_tokens += thinking + tokens;
            reasoning_tokens += thinking;
            choices.push(choice);
        }
        let usage = Usage {
            prompt_tokens_details: (model.manner == Manner::Caching)
                .then_some(PromptTokensDetails { cached_tokens: prompt_tokens / 2 }),
            completion_tokens_details: (model.manner == Manner::Reasoning)
                .then_some(CompletionTokensDetails { reasoning_tokens }),
            ..Usage::new(prompt_tokens, completion_tokens)
        };
        Ok(Self {
            id: format!("chatcmpl-{}", seed.hex()),
            model: model.id,
            choices,
            usage: (model.manner != Manner::NoUsage).then_some(usage),
        })
    }
}

fn thinking_tokens(seed: &Seed) -> u64 {
    32 + seed.derive("thinking", 0).numbers().below(225)
}

/// The answer's text: prose, or JSON where the request wants that.
fn structured(format: Option<&Value>, text: &str, seed: &Seed) -> String {
    let kind = format.and_then(|format| format["type"].as_str());
    let schema = format.and_then(|format| format.pointer("/json_schema/schema"));
    match (kind, schema) {
        (Some("json_schema"), Some(schema)) => schema::instance(schema, seed).to_string(),
        (Some("json_object" | "json_schema"), _) => json!({ "answer": prose::answer(text, seed) }).to_string(),
        _ => prose::answer(text, seed),
    }
}

/// What is said within a limit, and how many tokens it then is.
fn limited(mut said: Said, limit: u64) -> (Choice, u64) {
    let fixed = said.fixed_tokens();
    let whole = count(FAMILY, said.growing());
    if fixed + whole <= limit {
        let finish_reason = if matches!(said, Said::Call(_)) { "tool_calls" } else { "stop" };
        return (Choice { said, finish_reason }, fixed + whole);
    }
    let kept = truncate(FAMILY, said.growing(), limit.saturating_sub(fixed)).len();
    match &mut said {
        Said::Text(growing) | Said::Call(Call { arguments: growing, .. }) => growing.truncate(kept),
    }
    // A name that alone is longer than the limit is said all the same, and not counted beyond it.
    let tokens = (fixed + count(FAMILY, said.growing())).min(limit);
    (Choice { said, finish_reason: "length" }, tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::models::find;
    use crate::tokens::count_chat_prompt;

    fn reply(model: &str, rest: &str) -> Reply {
        let body = format!(r#"{{"model":"{model}",{rest}"messages":[{{"role":"user","content":"Why use tolls?"}}]}}"#);
        let request = ChatRequestView::parse(body.as_bytes()).unwrap();
        let prompt = count_chat_prompt(FAMILY, &request);
        let seed = Seed::of([&b"fixed"[..]]);
        Reply::compose(find(model).unwrap(), &request, &request.messages().unwrap(), &seed, prompt).unwrap()
    }

    fn text(choice: &Choice) -> &str {
        choice.said.growing()
    }

    #[test]
    fn usage_is_what_the_tokenizer_counts() {
        let reply = reply("sandbox/small", r#""n":3,"#);
        let usage = reply.usage.unwrap();
        let counted: u64 = reply.choices.iter().map(|choice| count(FAMILY, text(choice))).sum();
        assert_eq!(usage.completion_tokens, counted);
        assert_eq!(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
        assert_eq!((usage.cached_tokens(), usage.reasoning_tokens()), (0, 0));
        assert_ne!(text(&reply.choices[0]), text(&reply.choices[1]));
        assert!(reply.choices.iter().all(|choice| choice.finish_reason == "stop"));
    }

    #[test]
    fn the_limit_is_kept_and_said_so() {
        let whole = reply("sandbox/small", "");
        for limit in [1, 2, 5, 19] {
            let cut = reply("sandbox/small", &format!(r#""max_tokens":{limit},"#));
            assert_eq!(cut.usage.unwrap().completion_tokens, limit);
            assert_eq!(cut.choices[0].finish_reason, "length");
            assert!(text(&whole.choices[0]).starts_with(text(&cut.choices[0])));
        }
        let roomy = reply("sandbox/small", r#""max_completion_tokens":5000,"#);
        assert_eq!(text(&roomy.choices[0]), text(&whole.choices[0]));
    }

    #[test]
    fn manners_show_in_the_usage() {
        let large = reply("sandbox/large", "").usage.unwrap();
        assert_eq!(large.cached_tokens(), large.prompt_tokens / 2);
        let thinking = reply("sandbox/reasoning", "");
        let usage = thinking.usage.unwrap();
        assert!(usage.reasoning_tokens() >= 32);
        assert_eq!(usage.completion_tokens, usage.reasoning_tokens() + count(FAMILY, text(&thinking.choices[0])));
        assert!(reply("sandbox/no-usage", "").usage.is_none());
    }

    #[test]
    fn a_limit_that_thinking_uses_up_leaves_no_text() {
        let reply = reply("sandbox/reasoning", r#""max_completion_tokens":10,"#);
        assert_eq!((text(&reply.choices[0]), reply.choices[0].finish_reason), ("", "length"));
        assert_eq!(reply.usage.unwrap().reasoning_tokens(), 10);
    }

    #[test]
    fn structured_output_is_json() {
        let object = reply("sandbox/small", r#""response_format":{"type":"json_object"},"#);
        let value: Value = serde_json::from_str(text(&object.choices[0])).unwrap();
        assert!(value.is_object());
        let schema = r#""response_format":{"type":"json_schema","json_schema":{"name":"x","schema":
            {"type":"object","properties":{"age":{"type":"integer","minimum":18}},"required":["age"]}}},"#;
        let value: Value = serde_json::from_str(text(&reply("sandbox/small", schema).choices[0])).unwrap();
        assert!(value["age"].as_i64() >= Some(18));
    }

    #[test]
    fn a_tool_call_within_a_limit_is_cut_too() {
        let tools = r#""tool_choice":"required","tools":[{"type":"function","function":{"name":"f","parameters":
            {"type":"object","properties":{"a":{"type":"string","minLength":300}}}}}],"#;
        let whole = reply("sandbox/small", tools);
        assert_eq!(whole.choices[0].finish_reason, "tool_calls");
        let cut = reply("sandbox/small", &format!(r#"{tools}"max_tokens":8,"#));
        assert_eq!((cut.choices[0].finish_reason, cut.usage.unwrap().completion_tokens), ("length", 8));
    }
}
