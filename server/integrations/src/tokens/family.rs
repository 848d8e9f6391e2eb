//! Which tokenizer a model uses.

use bpe_openai::Tokenizer;

/// A family of models that share a tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Family {
    /// `o200k_base`: gpt-4o, gpt-4.1, gpt-4.5, gpt-5, the o-series. Also what is assumed of models
    /// nobody knows, as the nearest guess among those at hand.
    #[default]
    O200k,
    /// `cl100k_base`: gpt-4, gpt-3.5, text-embedding-3 and text-embedding-ada-002.
    Cl100k,
}

impl Family {
    /// The family's encoder, built on first use.
    pub(super) fn tokenizer(self) -> &'static Tokenizer {
        match self {
            Self::O200k => bpe_openai::o200k_base(),
            Self::Cl100k => bpe_openai::cl100k_base(),
        }
    }
}

/// The family that a model belongs to, by its name.
///
/// Names come as providers and resellers write them, so a path before the name (`openai/gpt-4`),
/// the fine-tuning prefix (`ft:gpt-3.5-turbo:acme::id`) and Azure's `gpt-35` are understood.
#[must_use]
pub fn family_of(model: &str) -> Family {
    let model = model.rsplit('/').next().unwrap_or(model);
    let model = model.strip_prefix("ft:").unwrap_or(model);
    let older_gpt = ["gpt-3.5", "gpt-35"].iter().any(|prefix| model.starts_with(prefix));
    // `gpt-4`, `gpt-4-turbo`, `gpt-4:fine-tune`: anything else glued to the 4 is a newer model.
    let plain_gpt_4 = model.strip_prefix("gpt-4").is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', ':']));
    if older_gpt || plain_gpt_4 || model.starts_with("text-embedding-") { Family::Cl100k } else { Family::O200k }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_told_apart_by_name() {
        for model in [
            "gpt-4",
            "gpt-4-turbo",
            "gpt-4-0613",
            "gpt-4-32k",
            "openai/gpt-4",
            "ft:gpt-4:acme::1",
            "gpt-3.5-turbo",
            "gpt-35-turbo",
            "text-embedding-3-small",
            "text-embedding-ada-002",
            "azure/eu/gpt-4-turbo",
        ] {
            assert_eq!(family_of(model), Family::Cl100k, "{model}");
        }
        for model in [
            "gpt-4o",
            "gpt-4o-mini",
            "gpt-4.1-nano",
            "gpt-4.5-preview",
            "gpt-5",
            "o1",
            "o3-mini",
            "o4-mini",
            "chatgpt-4o-latest",
            "ft:gpt-4o-mini:acme::1",
            "sandbox/small",
            "llama-3",
            "",
            "/",
            "gpt-",
        ] {
            assert_eq!(family_of(model), Family::O200k, "{model}");
        }
    }
}
