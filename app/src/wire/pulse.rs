use std::{cell::Cell, rc::Rc, time::Duration};

use crate::prelude::*;
use leptos::task::spawn_local;

/// How often: often enough to see what comes and goes, seldom enough to read it.
const PACE: Duration = Duration::from_secs(2);

/// Runs `reload` again and again while the page is looked at, one after the other: for what changes
/// with the time and not only with calls. It ends with the page.
pub(crate) fn use_pulse<F>(reload: impl Fn() -> F + 'static)
where
    F: Future<Output = ()> + 'static,
{
    let (reload, busy) = (Rc::new(reload), Rc::new(Cell::new(false)));
    // On the server there is no effect and no pulse.
    effect(move || {
        let (reload, busy) = (reload.clone(), busy.clone());
        let beat = move || {
            if document().hidden() || busy.replace(true) {
                return;
            }
            let (reload, busy) = (reload.clone(), busy.clone());
            spawn_local(async move {
                reload().await;
                busy.set(false);
            });
        };
        if let Ok(timer) = set_interval_with_handle(beat, PACE) {
            on_cleanup(move || timer.clear());
        }
    });
}
