//! The Sandbox's models.

/// A model of the Sandbox.
#[derive(Debug, Clone, Copy)]
pub struct SandboxModel {
    /// Its name, as requests give it.
    pub id: &'static str,
    /// One sentence for people.
    pub description: &'static str,
    /// What it does.
    pub kind: ModelKind,
    /// Tokens that prompt and answer may have together.
    pub context_window: u64,
    /// Tokens that an answer may have; zero for embeddings.
    pub max_output_tokens: u64,
    /// Prices that a catalog may start from.
    pub prices: SuggestedPrices,
    /// How it behaves.
    pub(super) manner: Manner,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// Answers conversations.
    Chat,
    /// Turns text into vectors.
    Embedding,
}

/// Suggested prices, in nano-units of the book currency per million tokens: 1.50 is 1_500_000_000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuggestedPrices {
    /// Input that was not cached.
    pub input: i64,
    /// Cached input.
    pub cached_input: i64,
    /// Output.
    pub output: i64,
    /// Reasoning, where it is priced by itself.
    pub reasoning: Option<i64>,
}

/// How a model behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Plain,
    Caching,
    Reasoning,
    Slow,
    Flaky,
    NoUsage,
    Strict,
}

/// Every model, in the order in which they are listed.
pub const MODELS: &[SandboxModel] = &[
    chat("sandbox/small", "Cheap and quick; a good first model to try.", Manner::Plain, SMALL),
    chat("sandbox/large", "Dear; reports half of every prompt as cached.", Manner::Caching, LARGE),
    chat(
        "sandbox/reasoning",
        "Thinks before it answers and reports the reasoning tokens.",
        Manner::Reasoning,
        THINKING,
    ),
    chat("sandbox/slow", "First byte after 1.5 seconds, then about 20 tokens a second.", Manner::Slow, SMALL),
    chat(
        "sandbox/flaky",
        "Answers a third of distinct conversations with 500 and some with 429.",
        Manner::Flaky,
        SMALL,
    ),
    chat("sandbox/no-usage", "Never reports usage, so that estimates can be tried.", Manner::NoUsage, SMALL),
    chat("sandbox/strict", "Refuses stream_options, as some providers do.", Manner::Strict, SMALL),
    SandboxModel {
        id: "sandbox/embedding",
        description: "Turns text into unit vectors; texts that share words are near each other.",
        kind: ModelKind::Embedding,
        context_window: 8_192,
        max_output_tokens: 0,
        prices: prices(20_000_000, 20_000_000, 0),
        manner: Manner::Plain,
    },
];

const SMALL: SuggestedPrices = prices(100_000_000, 50_000_000, 400_000_000);
const LARGE: SuggestedPrices = prices(2_500_000_000, 1_250_000_000, 10_000_000_000);
const THINKING: SuggestedPrices =
    SuggestedPrices { reasoning: Some(4_400_000_000), ..prices(1_100_000_000, 550_000_000, 4_400_000_000) };

/// The model of this name.
pub(super) fn find(id: &str) -> Option<&'static SandboxModel> {
    MODELS.iter().find(|model| model.id == id)
}

const fn chat(id: &'static str, description: &'static str, manner: Manner, prices: SuggestedPrices) -> SandboxModel {
    let (context_window, max_output_tokens) = (128_000, 16_384);
    SandboxModel { id, description, kind: ModelKind::Chat, context_window, max_output_tokens, prices, manner }
}

const fn prices(input: i64, cached_input: i64, output: i64) -> SuggestedPrices {
    SuggestedPrices { input, cached_input, output, reasoning: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_found() {
        for model in MODELS {
            assert_eq!(find(model.id).map(|found| found.description), Some(model.description));
            assert!(model.id.starts_with("sandbox/"));
        }
        assert!(find("sandbox/").is_none());
    }

    #[test]
    fn cached_input_is_never_dearer_than_input() {
        for SandboxModel { id, prices, .. } in MODELS {
            assert!(prices.input > 0 && prices.cached_input <= prices.input, "{id}");
        }
    }
}
