//! Where somebody went from the palette lately. It stays in the browser, and apart for everyone who uses it.

use domain::identity::Viewer;

use super::entry::{Act, Entry};
use crate::ui::{Glyph, stored};

/// How many are remembered.
const MOST: usize = 5;

/// Where the viewer went lately, the latest first.
pub(super) fn load(viewer: &Viewer) -> Vec<Entry> {
    read(&stored::get(&place(viewer)).unwrap_or_default())
}

/// Remembers that the viewer went there.
pub(super) fn remember(viewer: &Viewer, entry: &Entry) {
    if let Act::Go(href) = &entry.act {
        stored::set(&place(viewer), &with(load(viewer), entry, href));
    }
}

fn place(viewer: &Viewer) -> String {
    format!("recent {} {}", viewer.organization_id, viewer.user_id)
}

/// A line for each: address, name and note, with tabs between them.
fn read(text: &str) -> Vec<Entry> {
    let line = |line: &str| {
        let mut parts = line.split('\t');
        let (href, label, note) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
        // An address leads nowhere but within the portal, whoever wrote it.
        let own = href.starts_with('/') && !href.starts_with("//");
        own.then(|| Entry { note: note.to_owned(), ..Entry::to("Recent", Glyph::History, label, href) })
    };
    text.lines().filter_map(line).take(MOST).collect()
}

fn with(before: Vec<Entry>, entry: &Entry, href: &str) -> String {
    let plain = |text: &str| text.replace(['\t', '\n'], " ");
    let line = |entry: &Entry| match &entry.act {
        Act::Go(href) => format!("{href}\t{}\t{}", plain(&entry.label), plain(&entry.note)),
        _ => String::new(),
    };
    let others = before.iter().filter(|other| !matches!(&other.act, Act::Go(other) if other == href));
    std::iter::once(entry).chain(others).take(MOST).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn went(label: &str, href: &str) -> Entry {
        Entry::to("Keys", Glyph::Key, label, href)
    }

    #[test]
    fn the_latest_comes_first_and_nothing_twice() {
        let mut text = String::new();
        for (label, href) in [("a", "/a"), ("b", "/b"), ("a\ttab", "/a")] {
            text = with(read(&text), &went(label, href), href);
        }
        let labels: Vec<_> = read(&text).into_iter().map(|entry| entry.label).collect();
        assert_eq!(labels, ["a tab", "b"]);
    }

    #[test]
    fn what_leads_elsewhere_is_left_out() {
        assert_eq!(read("https://evil.example\tx\n//evil.example\tx\njavascript:alert(1)\tx\n/keys\tKeys").len(), 1);
    }
}
