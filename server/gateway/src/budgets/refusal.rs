//! Telling a client that there is no money left.

use domain::{
    ErrorCode, Timestamp,
    budgets::{Ask, Balance, Short},
};
use http::HeaderValue;
use serde_json::{Map, Value, json};

use crate::respond::Refusal;

/// This node can't know what is left.
pub(super) fn cut_off() -> Refusal {
    let message = "A budget bounds this call, and what is left of it can't be looked up right now. Try again shortly.";
    Refusal::new(ErrorCode::Unavailable, message)
}

/// Names the budget, what is spent, what is held, and when it begins anew.
pub(super) fn budget_exceeded(short: &Short, ask: Ask, now: Timestamp) -> Refusal {
    let Balance { budget, window, spent, held } = *short.balance();
    let resets = window.end.map(|end| end.to_string());
    let period = match budget.period.as_str() {
        "total" => "budget for all time".to_owned(),
        period => format!("budget of this {period}"),
    };
    let when = match &resets {
        Some(at) => format!("It begins anew at {at}."),
        None => "It does not begin anew: someone who manages budgets can raise it.".to_owned(),
    };
    let message = format!(
        "The {period} of {} has not enough left: {spent} of {} is spent and {held} held by calls in flight, and this \
         call may cost up to {}. {when}",
        budget.scope, budget.amount, ask.most
    );
    let details = json!({
        "budget": budget.id,
        "scope": budget.scope,
        "period": budget.period,
        "amount": budget.amount,
        "spent": spent,
        "held": held,
        "resets_at": resets,
        "needed": ask.least,
    });
    let details = match details {
        Value::Object(details) => details,
        _ => Map::new(),
    };
    // Held money comes back within moments, a period's only with the next.
    let wait = match (short, window.end) {
        (Short::Held(_), _) => Some(1),
        (Short::Spent(_), Some(end)) => Some(end.since(now).as_secs() + 1),
        (Short::Spent(_), None) => None,
    };
    Refusal::new(ErrorCode::BudgetExceeded, message).with_details(details).retry_after(wait.map(HeaderValue::from))
}
