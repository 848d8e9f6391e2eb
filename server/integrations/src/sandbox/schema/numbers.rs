//! Numbers within bounds.

use serde_json::{Map, Number, Value};

use crate::sandbox::seed::Numbers;

/// How far above its lower bound a number without an upper bound may be.
const SPREAD: f64 = 99.0;

/// An integer within the rules' bounds.
pub(super) fn integer(rules: &Map<String, Value>, numbers: &mut Numbers) -> Value {
    let (lower, upper) = bounds(rules, 1.0);
    let step = multiple_of(rules).unwrap_or(1.0).max(1.0).ceil();
    let first = (lower / step).ceil() * step;
    let steps = ((upper - first) / step).floor().clamp(0.0, SPREAD);
    // The bounds may lie beyond what an i64 holds; the cast then stops at its ends.
    Value::from((first + step * numbers.below(steps as u64 + 1) as f64) as i64)
}

/// A number within the rules' bounds: whole where that is possible, as it reads better.
pub(super) fn number(rules: &Map<String, Value>, numbers: &mut Numbers) -> Value {
    let (lower, upper) = bounds(rules, f64::EPSILON);
    let (first, step) = match multiple_of(rules) {
        Some(step) => ((lower / step).ceil() * step, step),
        None => (lower.ceil(), 1.0),
    };
    let value = if first > upper {
        lower + (upper - lower) / 2.0
    } else {
        first + step * numbers.below(((upper - first) / step).floor().clamp(0.0, SPREAD) as u64 + 1) as f64
    };
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// The bounds, exclusive ones moved inwards by `inwards`.
fn bounds(rules: &Map<String, Value>, inwards: f64) -> (f64, f64) {
    let bound = |name| rules.get(name).and_then(Value::as_f64);
    let lower = match (bound("minimum"), bound("exclusiveMinimum")) {
        (at, Some(above)) => Some(at.map_or(above + inwards, |at| at.max(above + inwards))),
        (at, None) => at,
    };
    let upper = match (bound("maximum"), bound("exclusiveMaximum")) {
        (at, Some(below)) => Some(at.map_or(below - inwards, |at| at.min(below - inwards))),
        (at, None) => at,
    };
    match (lower, upper) {
        (Some(lower), Some(upper)) => (lower, upper.max(lower)),
        (Some(lower), None) => (lower, lower + SPREAD),
        (None, Some(upper)) => (if upper >= 1.0 { 1.0 } else { upper - SPREAD }, upper),
        (None, None) => (1.0, 1.0 + SPREAD),
    }
}

fn multiple_of(rules: &Map<String, Value>) -> Option<f64> {
    rules.get("multipleOf").and_then(Value::as_f64).filter(|step| *step > 0.0)
}
