//! Telling a client that it comes too often.

use domain::{
    ErrorCode,
    limits::{LimitKind, Refused, whole_seconds},
};
use http::HeaderValue;
use serde_json::{Map, Value, json};

use crate::respond::Refusal;

/// This node can't know how many requests are under way.
pub(super) fn cut_off() -> Refusal {
    let message = "Parallel requests of this call are limited, and how many are under way can't be looked up right \
                   now. Try again shortly.";
    Refusal::new(ErrorCode::Unavailable, message)
}

/// Names the limit, what is used of it, and when to come back.
pub(super) fn rate_limit_exceeded(refused: &Refused) -> Refusal {
    let Refused { limit, level, needs, wait } = refused;
    let wait = wait.map(whole_seconds);
    let details = json!({
        "limit": limit.id,
        "scope": limit.scope,
        "endpoint": limit.endpoint,
        "kind": limit.kind,
        "amount": limit.amount,
        "burst": limit.own_burst(),
        "used": level.used,
        "remaining": level.remaining,
        "needed": needs,
        "retry_after_seconds": wait,
    });
    let details = match details {
        Value::Object(details) => details,
        _ => Map::new(),
    };
    Refusal::new(ErrorCode::RateLimitExceeded, message(refused, wait))
        .with_details(details)
        .retry_after(wait.map(HeaderValue::from))
}

fn message(refused: &Refused, wait: Option<u64>) -> String {
    let Refused { limit, level, needs, .. } = refused;
    let (whose, amount, burst) = (limit.scope, limit.amount, limit.burst);
    let of = limit.endpoint.map(|endpoint| format!(" to {endpoint}")).unwrap_or_default();
    let what = match limit.kind {
        LimitKind::Requests => format!("{amount} requests a minute{of}"),
        LimitKind::Tokens => format!("{amount} tokens a minute{of}"),
        LimitKind::Parallel => format!("{amount} parallel requests{of}"),
    };
    match (limit.kind, wait) {
        (LimitKind::Parallel, _) => {
            format!("The limit of {whose}, {what}, is reached: {} are under way. Try again when one ends.", level.used)
        }
        (_, Some(wait)) => {
            let seconds = if wait == 1 { "second" } else { "seconds" };
            format!("The limit of {whose}, {what}, is reached. Try again in {wait} {seconds}.")
        }
        (_, None) => format!(
            "This call begins with about {needs} tokens, and the limit of {whose}, {what}, lets no more than {burst} \
             through at once: it never passes. Send less at once, or let someone who manages limits raise it."
        ),
    }
}
