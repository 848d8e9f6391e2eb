//! Where the palette's entries come from. Things that only the server knows come from `find`.

use domain::identity::{Permission, Viewer};

use super::{
    entry::{Act, Entry},
    find::{Found, FoundKind},
};
use crate::{
    shell::{Density, Theme, keys_to, places, within},
    ui::Glyph,
};

/// What entries depend on.
pub(super) struct Scene<'a> {
    /// Who looks.
    pub(super) viewer: &'a Viewer,
    /// The page of the map that is shown.
    pub(super) here: &'static str,
    /// The environment that is shown.
    pub(super) environment: Option<&'static str>,
}

/// A source of entries.
type Source = fn(&Scene<'_>) -> Vec<Entry>;

/// All of them, in the order of their sections.
const SOURCES: &[Source] = &[pages, creations, environments, appearance, help];

/// Every entry that there is for now.
pub(super) fn all(scene: &Scene<'_>) -> Vec<Entry> {
    SOURCES.iter().flat_map(|source| source(scene)).collect()
}

fn pages(scene: &Scene<'_>) -> Vec<Entry> {
    let page = |place: crate::shell::Place| {
        let environment = scene.environment.filter(|_| place.by_environment);
        let entry = Entry::to("Go to", place.icon, place.name, within(place.href, environment));
        Entry { keys: keys_to(place.href), ..entry }
    };
    places(scene.viewer).map(page).collect()
}

fn creations(scene: &Scene<'_>) -> Vec<Entry> {
    use Permission as P;
    let all: [(&str, &str, &[P]); 6] = [
        ("Create key", "/keys/new", &[P::KeysOwn, P::KeysTeam, P::KeysManage]),
        ("Create many keys", "/keys/new-many", &[P::KeysOwn, P::KeysTeam, P::KeysManage]),
        ("Create budget", "/budgets/new", &[P::BudgetsManage]),
        ("Create limit", "/limits/new", &[P::LimitsManage]),
        ("Create token", "/tokens/new", &[P::TokensManage]),
        ("Connect provider", "/connections/new", &[P::ConnectionsManage]),
    ];
    let permitted = all.into_iter().filter(|(_, _, needs)| needs.iter().any(|one| scene.viewer.may(*one)));
    let entry = |(label, href, _)| Entry::to("Create", Glyph::Plus, label, href).known_as("add make new connection");
    permitted.map(entry).collect()
}

fn environments(scene: &Scene<'_>) -> Vec<Entry> {
    let all = [(None, "Show all environments"), (Some("test"), "Show test only"), (Some("live"), "Show live only")];
    let others = all.into_iter().filter(|(environment, _)| *environment != scene.environment);
    let entry = |(environment, label)| {
        Entry::to("Environment", Glyph::Boxes, label, within(scene.here, environment)).known_as("environment switch")
    };
    others.map(entry).collect()
}

fn appearance(_: &Scene<'_>) -> Vec<Entry> {
    let theme = |(theme, icon, label)| {
        Entry::of("Appearance", icon, label, Act::Theme(theme)).known_as("theme appearance colour mode")
    };
    let density = |(density, label)| {
        Entry::of("Appearance", Glyph::Sliders, label, Act::Density(density)).known_as("density row height table")
    };
    let themes = [
        (Theme::System, Glyph::Monitor, "Theme of the device"),
        (Theme::Light, Glyph::Sun, "Light theme"),
        (Theme::Dark, Glyph::Moon, "Dark theme"),
    ];
    let densities = [
        (Density::Compact, "Compact rows"),
        (Density::Normal, "Normal rows"),
        (Density::Comfortable, "Comfortable rows"),
    ];
    themes.map(theme).into_iter().chain(densities.map(density)).collect()
}

fn help(_: &Scene<'_>) -> Vec<Entry> {
    let shortcuts = Entry::of("Help", Glyph::Keyboard, "Keyboard shortcuts", Act::Shortcuts).known_as("help keys");
    vec![Entry { keys: Some("?".to_owned()), ..shortcuts }]
}

/// What the server found, as an entry.
pub(super) fn found(Found { kind, label, note, href }: Found) -> Entry {
    let (section, icon) = match kind {
        FoundKind::Key => ("Keys", Glyph::Key),
    };
    Entry { note, ..Entry::to(section, icon, label, href) }
}
