//! The usage object that answers end with.

use serde::{Deserialize, Serialize};

use super::lenient;

/// Tokens that a call used, as the provider counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    #[serde(default, deserialize_with = "lenient::count_or_zero")]
    pub prompt_tokens: u64,
    /// Tokens generated, reasoning included. Embeddings have none.
    #[serde(default, deserialize_with = "lenient::count_or_zero")]
    pub completion_tokens: u64,
    /// Their sum, as the provider says it.
    #[serde(default, deserialize_with = "lenient::count_or_zero")]
    pub total_tokens: u64,
    /// What the prompt's tokens were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens_details: Option<PromptTokensDetails>,
    /// What the generated tokens were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_tokens_details: Option<CompletionTokensDetails>,
}

/// What the prompt's tokens were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptTokensDetails {
    /// Those read from the provider's cache, at a lower price.
    #[serde(default, deserialize_with = "lenient::count_or_zero")]
    pub cached_tokens: u64,
}

/// What the generated tokens were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionTokensDetails {
    /// Those spent on thinking, which the client never sees.
    #[serde(default, deserialize_with = "lenient::count_or_zero")]
    pub reasoning_tokens: u64,
}

impl Usage {
    /// Usage without details.
    #[must_use]
    pub fn new(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            ..Self::default()
        }
    }

    /// Prompt tokens that came from the provider's cache: never more than there were.
    #[must_use]
    pub fn cached_tokens(&self) -> u64 {
        let cached = self.prompt_tokens_details.unwrap_or_default().cached_tokens;
        cached.min(self.prompt_tokens)
    }

    /// Generated tokens that were reasoning: never more than there were.
    #[must_use]
    pub fn reasoning_tokens(&self) -> u64 {
        let reasoning = self.completion_tokens_details.unwrap_or_default().reasoning_tokens;
        reasoning.min(self.completion_tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_openai_usage_with_details() {
        let usage: Usage = serde_json::from_str(
            r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
                "prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},
                "completion_tokens_details":{"reasoning_tokens":3,"accepted_prediction_tokens":0}}"#,
        )
        .unwrap();
        assert_eq!((usage.cached_tokens(), usage.reasoning_tokens()), (4, 3));
        assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (10, 5, 15));
    }

    #[test]
    fn nulls_negatives_and_absurd_details_are_survived() {
        let usage: Usage = serde_json::from_str(
            r#"{"prompt_tokens":-3,"completion_tokens":null,"total_tokens":1e99,
                "prompt_tokens_details":null,
                "completion_tokens_details":{"reasoning_tokens":900}}"#,
        )
        .unwrap();
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (0, 0));
        assert_eq!((usage.cached_tokens(), usage.reasoning_tokens()), (0, 0));
        assert_eq!(usage.total_tokens, u64::MAX);
    }

    #[test]
    fn absent_details_are_not_written() {
        let json = serde_json::to_string(&Usage::new(1, 2)).unwrap();
        assert_eq!(json, r#"{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#);
    }
}
