/// The most tokens one call is believed to have used. A provider that reports more is wrong, and
/// the figure is cut here, so that no sum can leave its range.
const MOST: u64 = 1_000_000_000;

/// Tokens by kind, always consistent: the parts never exceed the whole they are a part of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TokenUsage {
    input: u64,
    cached_input: u64,
    cache_write: u64,
    output: u64,
    reasoning: u64,
}

impl TokenUsage {
    /// Takes figures as providers report them: `input` contains the cached and the cache-written
    /// tokens, `output` contains the reasoning. Parts that exceed their whole are cut to it.
    pub fn new(input: u64, cached_input: u64, cache_write: u64, output: u64, reasoning: u64) -> Self {
        let input = input.min(MOST);
        let output = output.min(MOST);
        let cached_input = cached_input.min(input);
        Self {
            input,
            cached_input,
            cache_write: cache_write.min(input - cached_input),
            output,
            reasoning: reasoning.min(output),
        }
    }

    /// All input tokens.
    pub const fn input(&self) -> u64 {
        self.input
    }

    /// The input tokens that came from the provider's cache.
    pub const fn cached_input(&self) -> u64 {
        self.cached_input
    }

    /// The input tokens that were written into the provider's cache.
    pub const fn cache_write(&self) -> u64 {
        self.cache_write
    }

    /// All output tokens.
    pub const fn output(&self) -> u64 {
        self.output
    }

    /// The output tokens spent on reasoning.
    pub const fn reasoning(&self) -> u64 {
        self.reasoning
    }

    /// Input and output together.
    pub const fn total(&self) -> u64 {
        self.input + self.output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_reports_are_cut_to_something_consistent() {
        let usage = TokenUsage::new(u64::MAX, u64::MAX, u64::MAX, 5, 9);
        assert_eq!((usage.input(), usage.cached_input(), usage.cache_write()), (MOST, MOST, 0));
        assert_eq!((usage.output(), usage.reasoning()), (5, 5));
    }
}
