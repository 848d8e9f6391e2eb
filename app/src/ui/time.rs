use crate::prelude::*;
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// An instant as a page shows it. The server writes the words, so that the browser, whose clock
/// and zone are others, finds exactly them when it takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970.
    pub seconds: i64,
    /// How long before or after the page was made: `2 min ago`.
    pub relative: String,
    /// Date and time in the organization's zone.
    pub exact: String,
}

impl Moment {
    /// How `at` looks at `now` in the organization's zone.
    #[cfg(feature = "ssr")]
    pub fn new(at: domain::Timestamp, now: domain::Timestamp, zone: &str) -> Self {
        let exact = match at.in_zone(zone) {
            Some(zoned) => zoned.strftime("%b %-d, %Y, %H:%M:%S %Z").to_string(),
            None => at.to_string(),
        };
        Self { seconds: at.seconds(), relative: relative(at.seconds(), now.seconds()), exact }
    }
}

#[derive(Clone, Copy)]
struct Now(RwSignal<Option<i64>>);

/// Keeps the present minute for every `Time` on the page; the app does this once. It is
/// unknown on the server.
pub fn provide_now() {
    let now = RwSignal::new(None);
    provide_context(Now(now));
    effect(move || {
        let tick = move || now.set(Some(present()));
        tick();
        let ticking = set_interval_with_handle(tick, std::time::Duration::from_secs(20));
        on_cleanup(move || drop(ticking.map(|ticking| ticking.clear())));
    });
}

/// A time in relative words, with the exact one on demand; the words keep up with the clock.
#[component]
pub fn Time(
    /// When.
    #[prop(into)]
    at: Moment,
) -> impl IntoView {
    let now = use_context::<Now>();
    // A lazy page is hydrated after the clock has started, and must first find the server's words. The
    // clock's last tick may be older than what is drawn now, which then would be yet to come.
    let drawn = RwSignal::new(None);
    effect(move || drawn.set(Some(present())));
    let Moment { seconds, relative: sent, exact } = at;
    let words = move || match (drawn.get(), now.and_then(|now| now.0.get())) {
        (Some(drawn), Some(now)) => relative(seconds, now.max(drawn)),
        _ => sent.clone(),
    };
    view! { <time datetime=rfc3339(seconds) title=exact>{move || words()}</time> }
}

/// Seconds since 1970, by the browser's clock.
fn present() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}

/// `2 min ago`, `in 3 d`. Two units would be more exact and less readable.
fn relative(at: i64, now: i64) -> String {
    let (distance, past) = ((now - at).abs(), now >= at);
    let words = match distance {
        ..45 => return if past { "just now" } else { "in a moment" }.to_owned(),
        45..HOUR => format!("{} min", ((distance + 30) / MINUTE).max(1)),
        HOUR..DAY => format!("{} h", distance / HOUR),
        _ => format!("{} d", distance / DAY),
    };
    if past { format!("{words} ago") } else { format!("in {words}") }
}

/// The machine-readable form, by the usual arithmetic of civil dates: a date library would cost
/// more in the browser than all of this file.
fn rfc3339(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / HOUR, rest % HOUR / MINUTE, rest % MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_words() {
        let words = [0, 44, 45, 119, 3_599, 3_600, 86_399, 86_400, 8_985_600].map(|ago| relative(0, ago));
        assert_eq!(
            words,
            [
                "just now",
                "just now",
                "1 min ago",
                "2 min ago",
                "60 min ago",
                "1 h ago",
                "23 h ago",
                "1 d ago",
                "104 d ago"
            ]
        );
        assert_eq!([relative(259_200, 0), relative(10, 0)], ["in 3 d", "in a moment"]);
    }

    #[test]
    fn machine_readable_form() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_795_183_331), "2026-11-20T14:02:11Z");
    }
}
