/// What a thing's state means to the reader. Colour never says it alone: words always do too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Neutral,
    /// As it should be.
    Ok,
    /// Needs a look soon.
    Warn,
    /// Wrong, or about to destroy something.
    Danger,
    /// Belongs to what the reader is doing right now.
    Accent,
}

impl Tone {
    /// From which share on what is used up deserves a look.
    const NEAR: f64 = 80.0;

    /// What it means that such a share of a bound is used, 0 to 100, and whether anything is left.
    pub fn of_use(percent: f64, left: bool) -> Self {
        match left {
            false => Self::Danger,
            true if percent >= Self::NEAR => Self::Warn,
            true => Self::Accent,
        }
    }

    /// The value of the `data-tone` attribute; a neutral thing has none.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Tone::Neutral => None,
            Tone::Ok => Some("ok"),
            Tone::Warn => Some("warn"),
            Tone::Danger => Some("danger"),
            Tone::Accent => Some("accent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_amber_near_the_edge_and_red_at_it() {
        assert_eq!(Tone::of_use(79.9, true), Tone::Accent);
        assert_eq!(Tone::of_use(80.0, true), Tone::Warn);
        assert_eq!(Tone::of_use(100.0, false), Tone::Danger);
    }
}
