use crate::{
    shell::{Density, Theme},
    ui::Glyph,
};

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The heading that it stands under.
    pub(super) section: &'static str,
    /// Its picture.
    pub(super) icon: Glyph,
    /// What it is called.
    pub(super) label: String,
    /// Something smaller beside it.
    pub(super) note: String,
    /// Other words that find it.
    pub(super) also: &'static str,
    /// The keys that do the same.
    pub(super) keys: Option<String>,
    /// What choosing it does.
    pub(super) act: Act,
}

/// What choosing an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Goes to a page of the portal.
    Go(String),
    /// Chooses a theme.
    Theme(Theme),
    /// Chooses how close rows stand.
    Density(Density),
    /// Shows all shortcuts.
    Shortcuts,
}

impl Entry {
    /// A way to a page.
    pub(super) fn to(section: &'static str, icon: Glyph, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self::of(section, icon, label, Act::Go(href.into()))
    }

    /// An entry.
    pub(super) fn of(section: &'static str, icon: Glyph, label: impl Into<String>, act: Act) -> Self {
        Self { section, icon, label: label.into(), note: String::new(), also: "", keys: None, act }
    }

    /// The same entry, found by other words too.
    pub(super) const fn known_as(mut self, also: &'static str) -> Self {
        self.also = also;
        self
    }
}

/// The entries that a text finds, the nearest of each section first; a blank text finds all of them.
pub(super) fn matching(entries: Vec<Entry>, text: &str) -> Vec<Entry> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let order = sections(&entries);
    let mut ranked: Vec<_> =
        entries.into_iter().filter_map(|entry| distance(&entry, &words).map(|far| (far, entry))).collect();
    ranked.sort_by_key(|(far, entry)| (order.iter().position(|section| *section == entry.section), *far));
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

fn sections(entries: &[Entry]) -> Vec<&'static str> {
    let mut sections = Vec::new();
    for entry in entries {
        if !sections.contains(&entry.section) {
            sections.push(entry.section);
        }
    }
    sections
}

/// How far an entry is from words that all have to be in it: begins with them, has a word that does, or has
/// them somewhere.
fn distance(entry: &Entry, words: &[&str]) -> Option<u8> {
    let (label, also) = (entry.label.to_lowercase(), entry.also);
    let one = |word: &&str| {
        let begins = |text: &str| text.split_whitespace().any(|part| part.starts_with(*word));
        match () {
            () if label.starts_with(*word) => Some(0),
            () if begins(&label) => Some(1),
            () if begins(also) || label.contains(*word) => Some(2),
            () => None,
        }
    };
    words.iter().map(one).try_fold(0, |far, one| one.map(|one| far.max(one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let go = |label: &str| Entry::to("Go to", Glyph::Key, label, "/");
        vec![
            go("Usage"),
            go("Budgets"),
            Entry::to("Create", Glyph::Plus, "Create budget", "/budgets/new").known_as("add make new"),
            Entry::to("Create", Glyph::Plus, "Create key", "/keys/new").known_as("add make new"),
        ]
    }

    fn found(text: &str) -> Vec<String> {
        matching(entries(), text).into_iter().map(|entry| entry.label).collect()
    }

    #[test]
    fn every_word_must_be_found() {
        assert_eq!(found("budget"), ["Budgets", "Create budget"]);
        assert_eq!(found("new budget"), ["Create budget"]);
        assert_eq!(found("  KEY "), ["Create key"]);
        assert_eq!(found("budget nonsense"), [""; 0]);
        assert_eq!(found("").len(), 4);
    }

    #[test]
    fn the_nearest_comes_first_within_its_section() {
        let entries = vec![
            Entry::to("A", Glyph::Key, "Cost of keys", "/"),
            Entry::to("A", Glyph::Key, "Keys", "/"),
            Entry::to("B", Glyph::Key, "Monkeys", "/"),
        ];
        let labels: Vec<_> = matching(entries, "key").into_iter().map(|entry| entry.label).collect();
        assert_eq!(labels, ["Keys", "Cost of keys", "Monkeys"]);
    }
}
