use super::Sending;
use crate::{prelude::*, ui::query::query_param};

/// A question about whichever row's menu asked it, in a dialog that its answer is sent from.
#[derive(Debug)]
pub(crate) struct Question<R: Send + Sync + 'static> {
    /// The row.
    pub(crate) about: RwSignal<Option<R>>,
    /// Whether the dialog is open.
    pub(crate) open: RwSignal<bool>,
    /// The answer on its way.
    pub(crate) sending: Sending,
    /// Whether the page arrived with it.
    pub(crate) shown: bool,
}

impl<R: Send + Sync + 'static> Clone for Question<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Send + Sync + 'static> Copy for Question<R> {}

impl<R: Clone + Send + Sync + 'static> Question<R> {
    /// Without WASM the question is asked by the address, as `?name=` and the id of what `find` finds.
    /// `done` runs when it was answered and that was not refused.
    pub(crate) fn new(
        name: &'static str,
        sending: Sending,
        find: impl FnOnce(&str) -> Option<R>,
        done: impl Fn() + 'static,
    ) -> Self {
        let about = query_param(name).get_untracked().and_then(|id| find(&id));
        let shown = about.is_some();
        let (about, open) = (RwSignal::new(about), RwSignal::new(shown));
        sending.then(move || {
            open.set(false);
            done();
        });
        Self { about, open, sending, shown }
    }

    /// Asks it about this row.
    pub(crate) fn ask(self, row: R) {
        self.sending.forget();
        self.about.set(Some(row));
        self.open.set(true);
    }

    /// Its words, about a row by this name.
    pub(crate) fn title(self, verb: &'static str, name: fn(&R) -> String, end: &'static str) -> Signal<String> {
        Signal::derive(move || {
            let about = self.about.read();
            format!("{verb} {}{end}", about.as_ref().map(name).unwrap_or_default())
        })
    }
}
