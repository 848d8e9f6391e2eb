use domain::Timestamp;
use std::time::Duration;

/// Reads an instant from an address or a form: with its offset, or as `2026-01-31T12:00` or
/// `2026-01-31` in the zone of whoever wrote it, which is how browsers send dates.
pub(crate) fn from_local(text: &str, zone: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(exact) = text.parse().ok().filter(|_| text.len() > "2026-01-31".len()) {
        return Some(exact);
    }
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00"));
    let time = if time.len() == "12:00".len() { format!("{time}:00") } else { time.to_owned() };
    let as_utc: Timestamp = format!("{date}T{time}Z").parse().ok()?;
    // The offset at the wanted instant is known only once that is: the first guess is off by at
    // most a day, the second only within the hour that a change of offset skips or repeats.
    let guess = shifted(as_utc, offset(as_utc, zone));
    Some(shifted(as_utc, offset(guess, zone)))
}

/// The seconds by which the zone's clocks are ahead of UTC.
fn offset(at: Timestamp, zone: &str) -> i64 {
    at.in_zone(zone).map_or(0, |zoned| i64::from(zoned.offset().seconds()))
}

fn shifted(at: Timestamp, ahead: i64) -> Timestamp {
    let by = Duration::from_secs(ahead.unsigned_abs());
    if ahead < 0 { at.plus(by) } else { at.minus(by) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_the_zones() {
        let read = |text, zone| from_local(text, zone).unwrap().to_string();
        assert_eq!(read("2026-01-31T12:00", "Europe/Berlin"), "2026-01-31T11:00:00Z");
        assert_eq!(read("2026-07-31T12:00:30", "Europe/Berlin"), "2026-07-31T10:00:30Z");
        assert_eq!(read("2026-03-29", "Asia/Kathmandu"), "2026-03-28T18:15:00Z");
        assert_eq!(read("2026-03-29T12:00:00+02:00", "Asia/Kathmandu"), "2026-03-29T10:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        assert!(from_local("yesterday", "UTC").is_none());
        assert!(from_local("", "UTC").is_none());
    }
}
