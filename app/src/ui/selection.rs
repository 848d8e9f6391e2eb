use leptos_router::{hooks::use_location, params::ParamsMap};

use super::query::form_encoded;
use crate::prelude::*;

/// Parameters of an address that don't decide which rows match it.
const LOOKS: &[&str] = &["cursor", "sort", "columns", "view"];

/// Rows that were chosen to do something with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Those with these ids, on whatever page they stand.
    These(Vec<String>),
    /// All that match the address, however many there are.
    AllMatching,
}

impl Chosen {
    fn has(&self, id: &str) -> bool {
        match self {
            Self::These(ids) => ids.iter().any(|chosen| chosen == id),
            Self::AllMatching => true,
        }
    }

    /// Chooses rows of a page, or no longer. Of all that match only some can't be named, so that leaving one
    /// out leaves the others of its page.
    fn put(&mut self, ids: &[String], on: bool, page: &[String]) {
        let mut chosen = match self {
            Self::These(ids) => std::mem::take(ids),
            Self::AllMatching => page.to_vec(),
        };
        chosen.retain(|id| !ids.contains(id));
        if on {
            chosen.extend_from_slice(ids);
        }
        *self = Self::These(chosen);
    }
}

/// The selection of a table. A page holds it, so that it survives turning to other pages and other orders;
/// it is empty again when something else is filtered for, because what is chosen is always among what matches.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    chosen: RwSignal<Chosen>,
    /// The row that was chosen last.
    anchor: RwSignal<Option<String>>,
}

impl Selection {
    /// Nothing is chosen yet.
    pub fn new() -> Self {
        let selection = Self { chosen: RwSignal::new(Chosen::These(Vec::new())), anchor: RwSignal::new(None) };
        let query = use_location().query;
        let mut before = None;
        effect(move || {
            let now = Some(filters_of(query.get()));
            if before.is_some() && before != now {
                selection.clear();
            }
            before = now;
        });
        selection
    }

    /// What is chosen.
    pub fn chosen(self) -> Chosen {
        self.chosen.get()
    }

    /// How many that are, of so many that match.
    pub fn count(self, matching: u64) -> u64 {
        match &*self.chosen.read() {
            Chosen::These(ids) => ids.len() as u64,
            Chosen::AllMatching => matching,
        }
    }

    /// Whether anything is chosen.
    pub fn any(self) -> Signal<bool> {
        Signal::derive(move || *self.chosen.read() != Chosen::These(Vec::new()))
    }

    /// Chooses all that match.
    pub fn choose_all_matching(self) {
        self.chosen.set(Chosen::AllMatching);
    }

    /// Chooses nothing.
    pub fn clear(self) {
        self.anchor.set(None);
        self.chosen.set(Chosen::These(Vec::new()));
    }

    /// Follows what is chosen.
    pub(super) fn track(self) {
        self.chosen.track();
    }

    /// Whether this row is chosen at present.
    pub(super) fn has(self, id: &str) -> bool {
        self.chosen.read_untracked().has(id)
    }

    /// Chooses a row of a page, or no longer; `up_to` all from the one that was last chosen to this one.
    pub(super) fn put(self, id: &str, on: bool, up_to: bool, page: &[String]) {
        let anchor = self.anchor.get_untracked().filter(|_| up_to);
        let ids = range(anchor.as_deref(), id, page);
        self.chosen.update(|chosen| chosen.put(ids, on, page));
        self.anchor.set(Some(id.to_owned()));
    }

    /// Chooses all rows of a page, or none of them.
    pub(super) fn put_page(self, on: bool, page: &[String]) {
        self.anchor.set(None);
        self.chosen.update(|chosen| match (on, &*chosen) {
            (false, Chosen::AllMatching) => *chosen = Chosen::These(Vec::new()),
            _ => chosen.put(page, on, page),
        });
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self::new()
    }
}

/// The rows of a page from one to the other, whichever is first.
fn range<'page>(from: Option<&str>, to: &str, page: &'page [String]) -> &'page [String] {
    let at = |id: &str| page.iter().position(|row| row == id);
    let Some(to) = at(to) else { return &[] };
    let from = from.and_then(at).unwrap_or(to);
    &page[from.min(to)..=from.max(to)]
}

/// What of an address decides which rows match it.
pub fn filters_of(query: ParamsMap) -> String {
    let decides = |name: &str, value: &str| !LOOKS.contains(&name) && !value.is_empty();
    let given = query.into_iter().filter(|(name, value)| decides(name, value));
    form_encoded(given.map(|(name, value)| (name.into_owned(), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_range_goes_either_way_and_stays_on_the_page() {
        let page = ids(&["a", "b", "c", "d"]);
        assert_eq!(range(Some("b"), "d", &page), ids(&["b", "c", "d"]));
        assert_eq!(range(Some("d"), "b", &page), ids(&["b", "c", "d"]));
        assert_eq!(range(Some("elsewhere"), "b", &page), ids(&["b"]));
        assert_eq!(range(None, "c", &page), ids(&["c"]));
        assert_eq!(range(Some("a"), "elsewhere", &page), ids(&[]));
    }

    #[test]
    fn rows_of_other_pages_stay_chosen() {
        let mut chosen = Chosen::These(ids(&["x"]));
        let page = ids(&["a", "b", "c"]);
        chosen.put(&page, true, &page);
        chosen.put(&ids(&["b"]), false, &page);
        assert_eq!(chosen, Chosen::These(ids(&["x", "a", "c"])));
    }

    #[test]
    fn leaving_one_out_of_all_leaves_the_others_of_its_page() {
        let mut chosen = Chosen::AllMatching;
        chosen.put(&ids(&["b"]), false, &ids(&["a", "b"]));
        assert_eq!(chosen, Chosen::These(ids(&["a"])));
    }

    #[test]
    fn another_page_or_order_filters_for_nothing_else() {
        let query = |pairs: &[(&str, &str)]| -> ParamsMap {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let now = filters_of(query(&[("q", "a b"), ("status", "active")]));
        assert_eq!(now, filters_of(query(&[("q", "a b"), ("sort", "-cost"), ("cursor", "x"), ("status", "active")])));
        assert_ne!(now, filters_of(query(&[("q", "a b")])));
        assert_eq!(filters_of(query(&[("q", "")])), "");
    }
}
