use std::str::FromStr;

use crate::{Invalid, Money, MoneyError, Rate, usage::TokenUsage};

/// What a model's units cost: rates per million tokens, and an amount per request.
///
/// A rate that is not set falls back to the one it is a part of: cached input and cache writes to
/// input, reasoning to output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rates {
    /// Input tokens that came from no cache.
    pub input: Rate,
    /// Input tokens that the provider had in its cache.
    pub cached_input: Option<Rate>,
    /// Input tokens that the provider wrote into its cache.
    pub cache_write: Option<Rate>,
    /// Output tokens.
    pub output: Rate,
    /// Output tokens spent on reasoning.
    pub reasoning: Option<Rate>,
    /// For each call, whatever its size.
    pub per_request: Money,
}

impl Rates {
    /// Nothing costs anything.
    pub const FREE: Self = Self {
        input: Rate::ZERO,
        cached_input: None,
        cache_write: None,
        output: Rate::ZERO,
        reasoning: None,
        per_request: Money::ZERO,
    };

    /// What `usage` costs, rounded once, half to even.
    ///
    /// # Errors
    /// When the cost leaves the range of [`Money`].
    pub fn cost(&self, usage: &TokenUsage) -> Result<Money, MoneyError> {
        let fresh = usage.input() - usage.cached_input() - usage.cache_write();
        let plain = usage.output() - usage.reasoning();
        let sum = self.input.rated(fresh)
            + self.cached_input.unwrap_or(self.input).rated(usage.cached_input())
            + self.cache_write.unwrap_or(self.input).rated(usage.cache_write())
            + self.output.rated(plain)
            + self.reasoning.unwrap_or(self.output).rated(usage.reasoning());
        Money::from_rated(sum)?.plus(self.per_request)
    }
}

/// Rates as people and programs write them: decimals per million tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRates {
    /// Per million input tokens.
    #[cfg_attr(feature = "openapi", schema(value_type = Rate))]
    pub input: String,
    /// Per million cached input tokens; empty for the input rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Rate>))]
    pub cached_input: Option<String>,
    /// Per million tokens written to the cache; empty for the input rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Rate>))]
    pub cache_write: Option<String>,
    /// Per million output tokens.
    #[cfg_attr(feature = "openapi", schema(value_type = Rate))]
    pub output: String,
    /// Per million reasoning tokens; empty for the output rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Rate>))]
    pub reasoning: Option<String>,
    /// Per request; empty for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Money>))]
    pub per_request: Option<String>,
}

impl NewRates {
    /// Checks every figure.
    ///
    /// # Errors
    /// When one is not a decimal, negative, or missing where it is needed.
    pub fn parse(&self) -> Result<Rates, Invalid> {
        let per_request = optional("per_request", self.per_request.as_deref())?.unwrap_or(Money::ZERO);
        if per_request < Money::ZERO {
            return Err(Invalid::new("per_request", "A price can't be negative."));
        }
        Ok(Rates {
            input: named("input", &self.input)?,
            cached_input: optional("cached_input", self.cached_input.as_deref())?,
            cache_write: optional("cache_write", self.cache_write.as_deref())?,
            output: named("output", &self.output)?,
            reasoning: optional("reasoning", self.reasoning.as_deref())?,
            per_request,
        })
    }
}

fn named<T: FromStr<Err = Invalid>>(field: &'static str, text: &str) -> Result<T, Invalid> {
    text.parse().map_err(|e: Invalid| Invalid { field, ..e })
}

fn optional<T: FromStr<Err = Invalid>>(field: &'static str, text: Option<&str>) -> Result<Option<T>, Invalid> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => named(field, text).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rates(input: &str, cached: Option<&str>, output: &str) -> Rates {
        NewRates {
            input: input.into(),
            cached_input: cached.map(Into::into),
            output: output.into(),
            ..NewRates::default()
        }
        .parse()
        .unwrap()
    }

    #[test]
    fn cached_input_is_subtracted_before_it_is_charged() {
        let usage = TokenUsage::new(1000, 400, 0, 100, 0);
        let cost = rates("2.5", Some("1.25"), "10").cost(&usage).unwrap();
        // 600 × 2.5 + 400 × 1.25 + 100 × 10 = 3,000 per million.
        assert_eq!(cost.to_string(), "0.003");
    }

    #[test]
    fn reasoning_is_a_part_of_output() {
        let mut rates = rates("0", None, "10");
        let usage = TokenUsage::new(0, 0, 0, 100, 60);
        assert_eq!(rates.cost(&usage).unwrap().to_string(), "0.001");
        rates.reasoning = Some("20".parse().unwrap());
        assert_eq!(rates.cost(&usage).unwrap().to_string(), "0.0016");
    }

    #[test]
    fn rounds_once_and_not_per_kind() {
        // Two halves of a nano-unit make one; rounded each they would make none.
        let rates = rates("0.0000005", None, "0.0000005");
        assert_eq!(rates.cost(&TokenUsage::new(1, 0, 0, 1, 0)).unwrap().nanos(), 0);
        assert_eq!(rates.cost(&TokenUsage::new(1_000, 0, 0, 1_000, 0)).unwrap().nanos(), 1);
    }

    #[test]
    fn says_which_figure_is_wrong() {
        let bad = NewRates { input: "1".into(), output: "-2".into(), ..NewRates::default() };
        assert_eq!(bad.parse().unwrap_err().field, "output");
    }

    proptest! {
        #[test]
        fn cost_is_never_negative_and_never_panics(
            input: u64, cached: u64, write: u64, output: u64, reasoning: u64, rate in 0i64..=i64::MAX
        ) {
            let rates = Rates {
                input: Rate::from_nanos_per_million(rate), cached_input: None, cache_write: None,
                output: Rate::from_nanos_per_million(rate), reasoning: None, per_request: Money::ZERO,
            };
            if let Ok(cost) = rates.cost(&TokenUsage::new(input, cached, write, output, reasoning)) {
                prop_assert!(cost >= Money::ZERO);
            }
        }
    }
}
