//! What a key may do, in plain words. On the server only.

use domain::keys::{KeyStatus, KeyView, Rules};

use crate::{budgets::KeyBudgets, limits::endpoint_words, problem::Problem, server::Calendar};

/// How many models or addresses are named; the rest is counted.
const NAMED: usize = 4;

/// What a key may do: a sentence or two.
pub(super) async fn access(
    actor: &service::Actor,
    key: &KeyView,
    budgets: Option<&KeyBudgets>,
    calendar: &Calendar,
) -> Result<String, Problem> {
    let expired = key.expires_at.is_some_and(|end| end <= calendar.now());
    match key.status {
        KeyStatus::Revoked => return Ok("It was revoked, and may call nothing.".to_owned()),
        KeyStatus::Active if expired => return Ok("It has expired, and may call nothing.".to_owned()),
        KeyStatus::Active | KeyStatus::Disabled => {}
    }
    let mut bounds = crate::limits::own_words(actor, key.id).await?;
    bounds.extend(budgets.map(KeyBudgets::own_words).unwrap_or_default());
    let until = key.expires_at.map(|end| calendar.day(end));
    let words = words(&key.rules, until.as_deref(), &bounds);
    Ok(match key.status {
        KeyStatus::Disabled => format!("It is switched off. Switched on, it may {words}"),
        _ => format!("It may {words}"),
    })
}

/// As `call sandbox/* with chat completions from 10.0.0.0/8 until Dec 3, 2026; 60 requests a minute.`
fn words(rules: &Rules, until: Option<&str>, bounds: &[String]) -> String {
    let models = match rules.models() {
        [] => "every model".to_owned(),
        some => list_words(some, NAMED, "or"),
    };
    let endpoints = rules.endpoints().iter().map(|endpoint| endpoint_words(*endpoint)).collect::<Vec<_>>();
    let with = match endpoints.as_slice() {
        [] => String::new(),
        some => format!(" with {}", list_words(some, NAMED, "and")),
    };
    let from = match rules.ips() {
        [] => "anywhere".to_owned(),
        some => list_words(some, NAMED, "and"),
    };
    let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
    let bounds: String = bounds.iter().map(|bound| format!("; {bound}")).collect();
    format!("call {models}{with} from {from}{until}{bounds}.")
}

/// The first of a list in words, and how many more there are: `a, b or c`, `a, b, c, d and 3 more`.
fn list_words<T: std::fmt::Display>(items: &[T], named: usize, last: &str) -> String {
    let mut words: Vec<String> = items.iter().take(named).map(ToString::to_string).collect();
    let more = items.len().saturating_sub(named);
    if more > 0 {
        words.push(format!("{more} more"));
    }
    match words.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, begin)) => format!("{} {last} {end}", begin.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(json: &str) -> Rules {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn says_what_bounds_it_and_what_does_not() {
        assert_eq!(words(&Rules::default(), None, &[]), "call every model from anywhere.");
        let bound = rules(r#"{"models":["sandbox/*"],"endpoints":["chat.completions"],"ips":["10.0.0.0/8"]}"#);
        assert_eq!(
            words(&bound, Some("Dec 3, 2026"), &["60 requests a minute".into(), "$50.00 a month".into()]),
            "call sandbox/* with chat completions from 10.0.0.0/8 until Dec 3, 2026; 60 requests a minute; $50.00 a month."
        );
        let many = rules(r#"{"models":["a","b","c","d","e","f"],"ips":["::1","::2"]}"#);
        assert_eq!(words(&many, None, &[]), "call a, b, c, d or 2 more from ::1 and ::2.");
    }
}
