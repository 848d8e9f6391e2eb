//! The most that a call can cost.

use domain::{
    ErrorCode, Money,
    catalog::Rates,
    usage::{Endpoint, TokenUsage},
};
use memchr::memmem;
use serde_json::value::RawValue;

use super::Cap;
use crate::{intake::Question, respond::Refusal};

/// What a picture or a recording may be counted as, whatever its own size: an address of one is short.
const TOKENS_OF_MEDIA: u64 = 50_000;
/// The most answers that are asked for at once.
const MOST_ANSWERS: u64 = 128;
/// More than any model can write.
const MOST_TOKENS: u64 = 100_000_000;

/// How much a call can use at the most.
///
/// A token is at least one byte of the text that it stands for, so no text has more tokens than bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    input: u64,
    /// For each answer.
    output: u64,
    answers: u64,
}

impl Bound {
    /// Reads what a request bounds itself to; where it does not, an answer has at most `assumed`
    /// tokens, to which it is then kept.
    pub(crate) fn of(endpoint: Endpoint, question: &Question<'_>, assumed: u64) -> Result<Self, Refusal> {
        let body = question.text().as_bytes();
        let media = occurrences(body, "image_url") + occurrences(body, "input_audio");
        let input = body.len() as u64 + media * TOKENS_OF_MEDIA;
        if endpoint == Endpoint::Embeddings {
            return Ok(Self { input, output: 0, answers: 1 });
        }
        let [one, other] = question.output_bounds().map(|(field, raw)| whole(field, raw, MOST_TOKENS));
        // Providers differ in which of the two they look at.
        let output = one?.max(other?).unwrap_or(assumed);
        let answers = whole("n", question.answers(), MOST_ANSWERS)?.unwrap_or(1);
        Ok(Self { input, output, answers })
    }

    /// What the call costs at the most, and what with answers so short that they are just of use.
    pub(crate) fn ask(&self, rates: &Rates, least_output: u64) -> Result<domain::budgets::Ask, Refusal> {
        let cost = |output: u64| {
            self.cost(rates, output * self.answers).map_err(|_| {
                Refusal::new(ErrorCode::InvalidRequest, "The call could cost more than can be booked. Ask for less.")
            })
        };
        Ok(domain::budgets::Ask { least: cost(self.output.min(least_output))?, most: cost(self.output)? })
    }

    /// The dearest that so much output can be.
    fn cost(&self, rates: &Rates, output: u64) -> Result<Money, domain::MoneyError> {
        let dearest = dearest(rates);
        dearest.cost(&TokenUsage::new(self.input, 0, 0, output, 0))
    }

    /// To how much output the call must be kept so that it costs at most `amount`.
    pub(crate) fn cap(&self, rates: &Rates, amount: Money) -> Option<Cap> {
        if self.output == 0 {
            return None;
        }
        // As a rule all that was asked for is held.
        if self.cost(rates, self.output * self.answers).is_ok_and(|most| most <= amount) {
            return Some(Cap { tokens: self.output, by_budget: false });
        }
        // The cost grows with the output, so that the largest that fits is found by halving.
        let (mut fits, mut too_much) = (0, self.output);
        while too_much - fits > 1 {
            let middle = fits + (too_much - fits) / 2;
            match self.cost(rates, middle * self.answers) {
                Ok(cost) if cost <= amount => fits = middle,
                _ => too_much = middle,
            }
        }
        Some(Cap { tokens: fits, by_budget: true })
    }
}

/// Rates at which every input token is as dear as the dearest, and every output token too.
fn dearest(rates: &Rates) -> Rates {
    let input = [rates.cached_input, rates.cache_write].into_iter().flatten().fold(rates.input, Ord::max);
    let output = rates.reasoning.map_or(rates.output, |reasoning| reasoning.max(rates.output));
    Rates { input, cached_input: None, cache_write: None, output, reasoning: None, per_request: rates.per_request }
}

/// A whole number from one to `most`; null counts as absent. What zero means, providers differ in.
fn whole(field: &'static str, raw: Option<&RawValue>, most: u64) -> Result<Option<u64>, Refusal> {
    let Some(raw) = raw.map(RawValue::get).filter(|raw| *raw != "null") else { return Ok(None) };
    match raw.parse::<u64>() {
        Ok(number @ 1..) if number <= most => Ok(Some(number)),
        _ => {
            let message =
                format!("`{field}` must be a whole number from 1 to {most}: a budget bounds what this call may cost.");
            Err(Refusal::new(ErrorCode::InvalidRequest, message).about(field))
        }
    }
}

fn occurrences(body: &[u8], word: &str) -> u64 {
    memmem::find_iter(body, word).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Rate, budgets::Ask};
    use proptest::prelude::*;

    fn rates(input: i64, output: i64) -> Rates {
        Rates {
            input: Rate::from_nanos_per_million(input),
            cached_input: None,
            cache_write: Some(Rate::from_nanos_per_million(input * 2)),
            output: Rate::from_nanos_per_million(output),
            reasoning: None,
            per_request: Money::from_nanos(7),
        }
    }

    fn bound(body: &str) -> Result<Bound, ErrorCode> {
        let question = Question::read(body.as_bytes()).unwrap();
        Bound::of(Endpoint::ChatCompletions, &question, 1_000).map_err(|refusal| refusal.code())
    }

    #[test]
    fn a_call_is_bounded_by_its_bytes_and_by_what_it_asks_for() {
        let plain = r#"{"model":"a","messages":[]}"#;
        let length = plain.len() as u64;
        assert_eq!(bound(plain), Ok(Bound { input: length, output: 1_000, answers: 1 }));
        let asked = bound(r#"{"model":"a","max_tokens":5,"max_completion_tokens":7,"n":3}"#).unwrap();
        assert_eq!((asked.output, asked.answers), (7, 3));
        assert_eq!(bound(r#"{"model":"a","max_tokens":null}"#).unwrap().output, 1_000);
        let picture = bound(r#"{"model":"a","type":"image_url"}"#).unwrap();
        assert_eq!(picture.input, 32 + TOKENS_OF_MEDIA);
        for absurd in ["0", "-1", "1.5", "\"9\"", "1e3", "100000001", "99999999999999999999999"] {
            assert_eq!(
                bound(&format!(r#"{{"model":"a","max_tokens":{absurd}}}"#)),
                Err(ErrorCode::InvalidRequest),
                "{absurd}"
            );
        }
        assert_eq!(bound(r#"{"model":"a","n":1000}"#), Err(ErrorCode::InvalidRequest));
        let embedding = Bound::of(Endpoint::Embeddings, &Question::read(plain.as_bytes()).unwrap(), 1_000).unwrap();
        assert_eq!((embedding.output, embedding.cap(&rates(1, 1), Money::ZERO)), (0, None));
    }

    proptest! {
        #[test]
        fn whatever_is_used_within_the_bound_costs_no_more_than_is_held(
            input in 1..1_000_000_u64, output in 0..200_000_u64, answers in 1..4_u64, held in 0..1_000_000_u64,
            (per_input, per_output) in (0..90_000_000_000_i64, 0..90_000_000_000_i64),
            (cached, written, reasoning) in (0..1_000_000_u64, 0..1_000_000_u64, 0..1_000_000_u64),
        ) {
            let (bound, rates) = (Bound { input, output, answers }, rates(per_input, per_output));
            let Ask { least, most } = bound.ask(&rates, 16).unwrap();
            prop_assert!(least <= most);
            let amount = Money::from_nanos(least.nanos() + (most.nanos() - least.nanos()) / 1_000_000 * held as i64);
            let tokens = bound.cap(&rates, amount).map_or(0, |cap| cap.tokens);
            prop_assert!(tokens >= output.min(16) && tokens <= output);
            let used = TokenUsage::new(input, cached, written, tokens * answers, reasoning);
            prop_assert!(rates.cost(&used).unwrap() <= amount);
        }
    }
}
