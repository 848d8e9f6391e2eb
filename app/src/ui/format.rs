//! Numbers as people read them. Pure functions, so that server and browser write the same.

/// A count with thousands separated: `1,284,902`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count in three figures or so: `2.81 B`, `412 K`, `980`.
pub fn compact(value: u64) -> String {
    let (scaled, unit) = match value {
        0..=99_999 => return count(value),
        100_000..=999_999 => (value as f64 / 1e3, "K"),
        1_000_000..=999_999_999 => (value as f64 / 1e6, "M"),
        _ => (value as f64 / 1e9, "B"),
    };
    if scaled < 10.0 {
        format!("{scaled:.2} {unit}")
    } else if scaled < 100.0 {
        format!("{scaled:.1} {unit}")
    } else {
        format!("{scaled:.0} {unit}")
    }
}

/// A duration: `612 ms`, `1.94 s`, `2 min 5 s`.
pub fn duration_ms(ms: u64) -> String {
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=59_999 => format!("{:.2} s", ms as f64 / 1e3),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// A share of a whole: `0.4 %`; nothing of nothing is a dash.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} %", part as f64 * 100.0 / whole as f64) }
}

/// A sum of money with cents: `$3,412.88`. A sum below a cent shows as many places as it needs.
pub fn money(nanos: i64, currency: &str) -> String {
    let small = nanos != 0 && nanos.unsigned_abs() < 10_000_000;
    decimal(nanos, currency, if small { 6 } else { 2 })
}

/// The cost of one call: `$0.00094`.
pub fn cost(nanos: i64, currency: &str) -> String {
    decimal(nanos, currency, 5)
}

fn decimal(nanos: i64, currency: &str, places: u32) -> String {
    let unit = 10_u64.pow(9 - places);
    let rounded = (nanos.unsigned_abs() + unit / 2) / unit;
    let scale = 10_u64.pow(places);
    let (sign, symbol) = (if nanos < 0 && rounded > 0 { "−" } else { "" }, symbol(currency));
    let (whole, fraction) = (count(rounded / scale), rounded % scale);
    format!("{sign}{symbol}{whole}.{fraction:0width$}", width = places as usize)
}

/// The sign that stands before the amount; a currency without one shows its code.
pub fn symbol(currency: &str) -> String {
    match currency {
        "USD" => "$".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        "INR" => "₹".to_owned(),
        "JPY" | "CNY" => "¥".to_owned(),
        other => format!("{other} "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!([count(0), count(999), count(1_000), count(1_284_902)], ["0", "999", "1,000", "1,284,902"]);
        assert_eq!([compact(98_000), compact(412_880), compact(2_810_000_000)], ["98,000", "413 K", "2.81 B"]);
    }

    #[test]
    fn durations_and_shares() {
        assert_eq!([duration_ms(612), duration_ms(1_940), duration_ms(125_000)], ["612 ms", "1.94 s", "2 min 5 s"]);
        assert_eq!([percent(1, 3), percent(0, 0)], ["33.3 %", "–"]);
    }

    #[test]
    fn money_rounds_and_never_hides_a_small_sum() {
        assert_eq!(money(3_412_880_000_000, "USD"), "$3,412.88");
        assert_eq!(money(940_000, "USD"), "$0.000940");
        assert_eq!(money(0, "EUR"), "€0.00");
        assert_eq!(money(-12_345_000_000, "CHF"), "−CHF 12.35");
        assert_eq!(cost(940_000, "USD"), "$0.00094");
        assert_eq!(cost(-1, "USD"), "$0.00000");
    }
}
