use crate::{
    prelude::*,
    ui::{Choice, Select},
};

/// How long something may live, in days; the empty answer is for ever.
const CHOICES: &[(&str, &str)] =
    &[("", "Never"), ("7", "In 7 days"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")];

/// When something ends: the same few answers for keys and tokens.
#[component]
pub(crate) fn EndingSelect(
    /// The answer to begin with, in days.
    value: &'static str,
    /// What `keep` means, where the end can stay as it is.
    #[prop(optional, into)]
    keep: Option<String>,
    /// Why one would choose an end.
    #[prop(into)]
    hint: String,
    /// What is wrong with the answer.
    #[prop(into)]
    error: MaybeProp<String>,
) -> impl IntoView {
    let keep = keep.map(|label| Choice::new("keep", label));
    let choices = CHOICES.iter().map(|(value, label)| Choice::new(*value, *label));
    let choices = keep.into_iter().chain(choices).collect::<Vec<_>>();
    view! { <Select name="expires_in" label="Expires" choices value hint error/> }
}

/// The instant that an answer means.
#[cfg(feature = "ssr")]
pub(crate) fn ending(answer: &str, now: domain::Timestamp) -> Result<Option<domain::Timestamp>, domain::Invalid> {
    const DAY: u64 = 86_400;
    if answer.is_empty() {
        return Ok(None);
    }
    let days: u64 = CHOICES
        .iter()
        .find(|(value, _)| *value == answer)
        .and_then(|(value, _)| value.parse().ok())
        .ok_or_else(|| domain::Invalid::new("expires_in", "Choose one of the listed ends."))?;
    Ok(Some(now.plus(std::time::Duration::from_secs(days * DAY))))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::Timestamp;

    use super::*;

    #[test]
    fn only_listed_ends_are_taken() {
        let now = Timestamp::from_micros(0);
        assert_eq!(ending("", now), Ok(None));
        assert_eq!(ending("7", now), Ok(Some(Timestamp::from_micros(7 * 86_400 * 1_000_000))));
        assert!(ending("8", now).is_err() && ending("-7", now).is_err());
        for (answer, _) in CHOICES {
            assert!(ending(answer, now).is_ok(), "{answer}");
        }
    }
}
