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
