//! The ways in which `sandbox/flaky` fails.

use crate::sandbox::seed::Seed;

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// 429 with `Retry-After`.
    RateLimited,
    /// 500.
    ServerError,
    /// The connection is closed in the middle of the answer.
    Close,
    /// What comes is not JSON.
    Garbage,
    /// Nothing ever comes.
    Hang,
}

impl Failure {
    /// The failure that the text asks for (`fail:none` asks for none), otherwise the one that the
    /// seed brings.
    pub(super) fn choose(seed: &Seed, text: &str) -> Option<Self> {
        const WISHES: [(&str, Option<Failure>); 6] = [
            ("fail:none", None),
            ("fail:429", Some(Failure::RateLimited)),
            ("fail:500", Some(Failure::ServerError)),
            ("fail:close", Some(Failure::Close)),
            ("fail:garbage", Some(Failure::Garbage)),
            ("fail:hang", Some(Failure::Hang)),
        ];
        if let Some((_, failure)) = WISHES.iter().find(|(wish, _)| text.contains(wish)) {
            return *failure;
        }
        match seed.derive("failure", 0).numbers().below(9) {
            0..3 => Some(Self::ServerError),
            3..5 => Some(Self::RateLimited),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_distinct_requests_fails_and_some_are_rate_limited() {
        let outcomes: Vec<_> =
            (0..9_000u32).map(|i| Failure::choose(&Seed::of([&i.to_le_bytes()[..]]), "hello")).collect();
        let share = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
        assert!((2_800..3_200).contains(&share(Some(Failure::ServerError))));
        assert!((1_800..2_200).contains(&share(Some(Failure::RateLimited))));
        assert!((3_800..4_200).contains(&share(None)));
    }

    #[test]
    fn wishes_are_granted_whatever_the_seed() {
        for seed in (0..20u8).map(|i| Seed::of([&[i][..]])) {
            assert_eq!(Failure::choose(&seed, "please fail:none now"), None);
            assert_eq!(Failure::choose(&seed, "fail:close"), Some(Failure::Close));
            assert_eq!(Failure::choose(&seed, "fail:garbage"), Some(Failure::Garbage));
        }
    }
}
