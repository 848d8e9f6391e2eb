use std::{marker::PhantomData, time::Duration};

use serde::de::DeserializeOwned;

use super::answer;
use crate::prelude::*;

/// How long nothing is typed before the server is asked: a little longer than between two letters.
const PAUSE: Duration = Duration::from_millis(120);

/// What a server function answers to a text that is being typed. Only the last question counts: what was
/// asked before it is called back.
#[derive(Debug)]
pub(crate) struct Lookup<T> {
    path: &'static str,
    text: RwSignal<Option<String>>,
    pending: RwSignal<bool>,
    asking: StoredValue<Option<Asking>, LocalStorage>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Lookup<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Lookup<T> {}

/// A question that was asked, or soon will be.
#[derive(Debug)]
struct Asking {
    timer: Option<TimeoutHandle>,
    abort: web_sys::AbortController,
}

impl Asking {
    fn end(self) {
        if let Some(timer) = self.timer {
            timer.clear();
        }
        self.abort.abort();
    }
}

impl<T: DeserializeOwned + 'static> Lookup<T> {
    /// Questions to the server function at this path.
    pub(crate) fn at(path: &'static str) -> Self {
        let lookup = Self {
            path,
            text: RwSignal::new(None),
            pending: RwSignal::new(false),
            asking: StoredValue::new_local(None),
            answer: PhantomData,
        };
        on_cleanup(move || lookup.call_back());
        lookup
    }

    /// What was answered last, until something else is asked or nothing.
    pub(crate) fn answer(self) -> Option<T> {
        answer::read(self.text.read().as_deref()?).ok()
    }

    /// Whether an answer is on its way.
    pub(crate) fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// Asks nothing more, and forgets what was answered.
    pub(crate) fn forget(self) {
        self.call_back();
        self.pending.set(false);
        self.text.set(None);
    }

    fn call_back(self) {
        if let Some(asking) = self.asking.try_update_value(Option::take).flatten() {
            asking.end();
        }
    }

    /// Asks with this form, once nothing else is asked for a moment.
    pub(crate) fn ask(self, form: String) {
        self.call_back();
        let Ok(abort) = web_sys::AbortController::new() else { return };
        self.pending.set(true);
        let (path, signal) = (self.path, abort.signal());
        let timer = set_timeout_with_handle(move || self.send(path, form, signal), PAUSE).ok();
        self.asking.set_value(Some(Asking { timer, abort }));
    }

    #[cfg(not(feature = "ssr"))]
    fn send(self, path: &'static str, form: String, signal: web_sys::AbortSignal) {
        leptos::task::spawn_local(async move {
            let answered = answer::ask_until(path, &form, &signal).await;
            // One that was called back has nobody who waits for it.
            if !signal.aborted() {
                self.pending.try_set(false);
                self.text.try_set(Some(answered.text));
            }
        });
    }

    /// Nothing is typed on the server.
    #[cfg(feature = "ssr")]
    fn send(self, _path: &'static str, _form: String, _signal: web_sys::AbortSignal) {}
}
