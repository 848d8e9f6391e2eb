use std::{cell::Cell, pin::Pin, rc::Rc, time::Duration};

use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource};

use crate::{prelude::*, ui::Live};

/// Where the server says that there are new calls.
const STREAM: &str = "/live/usage";
/// The shortest time between two loads: enough to look live, little enough to read.
const PACE: Duration = Duration::from_millis(1_500);
/// How long to wait where the browser itself gave up, which it does when the answer is an error.
const RETRY: Duration = Duration::from_secs(10);

/// Follows the organization's calls while `wanted`: runs `reload` whenever there are new ones, and
/// once when the stream opens, because calls may have been made before that. The stream is closed
/// with the page.
pub(crate) fn use_live<F>(wanted: Signal<bool>, reload: impl Fn() -> F + 'static) -> Signal<Live>
where
    F: Future<Output = ()> + 'static,
{
    let state = RwSignal::new(Live::Waiting);
    let attempt = RwSignal::new(0_u32);
    let reload: Reload = Rc::new(move || Box::pin(reload()));
    // The stream is the effect's own value: when the page goes it is dropped, and so closed. On the
    // server, where pages end on other threads than they began on, there is no effect and no stream.
    Effect::new(move |before: Option<Option<Stream>>| {
        attempt.track();
        drop(before);
        wanted.get().then(|| Stream::open(state, attempt, reload.clone())).flatten()
    });
    state.into()
}

type Reload = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>;

struct Stream {
    source: EventSource,
    /// What the browser calls; it must live as long as the source is open.
    _handlers: [Closure<dyn FnMut(Event)>; 3],
}

impl Stream {
    fn open(state: RwSignal<Live>, attempt: RwSignal<u32>, reload: Reload) -> Option<Self> {
        let source = EventSource::new(STREAM).ok()?;
        let loading = Rc::new(Loading { phase: Cell::new(Phase::Idle), reload });
        let opened = {
            let loading = Rc::clone(&loading);
            Closure::<dyn FnMut(Event)>::new(move |_| {
                state.try_set(Live::On);
                loading.news();
            })
        };
        let news = Closure::<dyn FnMut(Event)>::new(move |_| loading.news());
        let lost = {
            let source = source.clone();
            Closure::<dyn FnMut(Event)>::new(move |_| {
                state.try_update(lose);
                if source.ready_state() == EventSource::CLOSED {
                    let again = move || {
                        attempt.try_update(|n| *n += 1);
                    };
                    set_timeout(again, RETRY);
                }
            })
        };
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        source.set_onerror(Some(lost.as_ref().unchecked_ref()));
        source.add_event_listener_with_callback("usage", news.as_ref().unchecked_ref()).ok()?;
        Some(Self { source, _handlers: [opened, news, lost] })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Keeps the time of the first loss through all attempts that fail after it.
fn lose(state: &mut Live) {
    if !matches!(state, Live::Lost(_)) {
        let now = js_sys::Date::new_0();
        *state = Live::Lost(format!("{:02}:{:02}", now.get_hours(), now.get_minutes()));
    }
}

/// Loads one after the other: news that arrives meanwhile is loaded once, afterwards.
struct Loading {
    phase: Cell<Phase>,
    reload: Reload,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Busy,
    /// Busy, and what is being loaded is known to be old.
    Behind,
}

impl Loading {
    fn news(self: &Rc<Self>) {
        if self.phase.get() != Phase::Idle {
            self.phase.set(Phase::Behind);
            return;
        }
        self.phase.set(Phase::Busy);
        let this = Rc::clone(self);
        spawn_local(async move {
            (this.reload)().await;
            set_timeout(move || this.rested(), PACE);
        });
    }

    fn rested(self: &Rc<Self>) {
        let behind = self.phase.replace(Phase::Idle) == Phase::Behind;
        if behind {
            self.news();
        }
    }
}
