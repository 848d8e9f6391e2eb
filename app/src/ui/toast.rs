use std::{sync::Arc, time::Duration};

use super::{
    Glyph, Icon, IconButton, Size, Tone,
    each::{Each, Item},
};
use crate::prelude::*;

const SHOWN_FOR: Duration = Duration::from_secs(6);

#[derive(Clone, Debug)]
struct Toast {
    id: u64,
    tone: Tone,
    text: String,
}

/// What happened elsewhere than where the reader looks. Results of a click belong beside it.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    /// Says that something is done; the words leave by themselves.
    pub fn say(self, text: impl Into<String>) {
        let id = self.push(Tone::Ok, text.into());
        set_timeout(move || self.dismiss(id), SHOWN_FOR);
    }

    /// Says that something failed; the words stay until they are dismissed.
    pub fn fail(self, text: impl Into<String>) {
        self.push(Tone::Danger, text.into());
    }

    fn push(self, tone: Tone, text: String) -> u64 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| list.push(Toast { id, tone, text }));
        id
    }

    fn dismiss(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Makes toasts available to everything below; the app does this once.
pub fn provide_toasts() {
    provide_context(Toasts { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) });
}

/// The toasts of this page.
pub fn use_toasts() -> Toasts {
    expect_context()
}

/// Where toasts appear: a polite live region, so that they are also heard.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let item = move |toast: &Toast| {
        let (key, toast) = (toast.id.to_string(), toast.clone());
        Item { key, draw: Arc::new(move || shown(toasts, toast.clone())) }
    };
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <Each items=Signal::derive(move || toasts.list.read().iter().map(item).collect())/>
        </div>
    }
}

fn shown(toasts: Toasts, Toast { id, tone, text }: Toast) -> AnyView {
    view! {
        <div class="toast" data-tone=tone.attribute()>
            <Icon name=if tone == Tone::Danger { Glyph::CircleAlert } else { Glyph::CircleCheck }/>
            <p>{text}</p>
            <IconButton icon=Glyph::X label="Dismiss" size=Size::Small on:click=move |_| toasts.dismiss(id)/>
        </div>
    }
}
