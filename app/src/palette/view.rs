use domain::identity::Viewer;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::{use_location, use_navigate};

use super::{
    entry::{Act, Entry, matching},
    find::{Find, Found},
    recent,
    sources::{self, Scene},
};
use crate::{
    prelude::*,
    shell::{Choosing, Tools, chosen_environment, place_of},
    ui::{Glyph, Icon, IconButton, Kbd, Size, close_beside, follow_open, query::form_encoded},
    wire::{Lookup, lazy_piece},
};

/// The palette, which `Tools` opens.
#[derive(Clone, Debug)]
pub(crate) struct Palette {
    /// Who looks.
    pub(crate) viewer: Viewer,
    /// What is open.
    pub(crate) tools: Tools,
}

lazy_piece!(tools: Palette);

impl Palette {
    fn show(self) -> AnyView {
        view! { <Dialog palette=self/> }
    }
}

/// What is typed, what that finds, and what of it Enter chooses.
#[derive(Clone, Copy)]
struct Typed {
    text: RwSignal<String>,
    entries: Memo<Vec<Entry>>,
    active: RwSignal<usize>,
}

#[component]
fn Dialog(palette: Palette) -> impl IntoView {
    let Palette { viewer, tools } = palette;
    let (text, active) = (RwSignal::new(String::new()), RwSignal::new(0));
    let lookup = Lookup::<Vec<Found>>::at(Find::PATH);
    let entries = entries(viewer.clone(), tools, text, lookup);
    let typed = Typed { text, entries, active };
    let field: NodeRef<leptos::html::Input> = NodeRef::new();
    let node = follow_open(tools.palette);
    effect(move || {
        // Every time it begins anew.
        if tools.palette.get() {
            text.set(String::new());
            active.set(0);
            lookup.forget();
            if let Some(field) = field.get() {
                let _ = field.focus();
            }
        }
    });
    let type_in = move |event: web_sys::Event| {
        let words = event_target_value(&event);
        match words.trim() {
            "" => lookup.forget(),
            q => lookup.ask(form_encoded([("q".to_owned(), q.to_owned())])),
        }
        text.set(words);
        active.set(0);
    };
    let choose = chooser(viewer, tools);
    let choose_active = move || {
        if let Some(entry) = entries.read_untracked().get(active.get_untracked()) {
            choose.run(entry.clone());
        }
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let len = entries.read_untracked().len().max(1);
        match event.key().as_str() {
            // Of a script that is composed of several keys, Enter ends the composition.
            _ if event.is_composing() => return,
            "ArrowDown" => active.update(|at| *at = (*at + 1) % len),
            "ArrowUp" => active.update(|at| *at = (*at + len - 1) % len),
            "Enter" => choose_active(),
            _ => return,
        }
        event.prevent_default();
        reveal(active.get_untracked());
    };
    let busy = lookup.pending();
    view! {
        <dialog class="palette" node_ref=node aria-label="Search or jump to" on:close=move |_| tools.palette.set(false) on:click=close_beside>
            <div class="palette__top" data-busy=move || busy.get().then_some("")>
                <Icon name=Glyph::Search/>
                <input
                    class="palette__field"
                    type="text"
                    role="combobox"
                    node_ref=field
                    placeholder="Search or jump to…"
                    aria-label="Search or jump to"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls="palette-list"
                    aria-activedescendant=move || (!entries.read().is_empty()).then(|| option_id(active.get()))
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                    prop:value=move || text.get()
                    on:input=type_in
                    on:keydown=press
                />
                <span class="palette__close"><IconButton icon=Glyph::X label="Close" size=Size::Small on:click=move |_| tools.palette.set(false)/></span>
            </div>
            <List typed choose busy/>
            <p class="palette__foot" aria-hidden="true">
                <span><Kbd keys="↑ ↓"/> "to move"</span>
                <span><Kbd keys="↵"/> "to open"</span>
                <span><Kbd keys="Esc"/> "to close"</span>
            </p>
        </dialog>
    }
}

/// What stands in the palette: where somebody went lately, and all that there is; or what a text finds of it
/// and what the server finds, which comes last, so that nothing moves when it does.
fn entries(viewer: Viewer, tools: Tools, text: RwSignal<String>, lookup: Lookup<Vec<Found>>) -> Memo<Vec<Entry>> {
    let (path, environment) = (use_location().pathname, chosen_environment());
    Memo::new(move |_| {
        // The past is read anew whenever it opens.
        tools.palette.track();
        let here = place_of(&path.read()).filter(|place| place.by_environment).map_or("/", |place| place.href);
        let all = sources::all(&Scene { viewer: &viewer, here, environment: environment.get() });
        let typed = text.read();
        if typed.trim().is_empty() {
            return recent::load(&viewer).into_iter().chain(all).collect();
        }
        let found = lookup.answer().unwrap_or_default().into_iter().map(sources::found);
        matching(all, &typed).into_iter().chain(found).collect()
    })
}

/// Does what an entry says.
fn chooser(viewer: Viewer, tools: Tools) -> Callback<Entry> {
    let (navigate, choosing) = (use_navigate(), Choosing::in_context());
    Callback::new(move |entry: Entry| {
        tools.palette.set(false);
        recent::remember(&viewer, &entry);
        match entry.act {
            Act::Go(href) => navigate(&href, Default::default()),
            Act::Theme(theme) => choosing.choose_theme(theme),
            Act::Density(density) => choosing.choose_density(density),
            Act::Shortcuts => tools.shortcuts.set(true),
        }
    })
}

#[component]
fn List(typed: Typed, choose: Callback<Entry>, #[prop(into)] busy: Signal<bool>) -> impl IntoView {
    let Typed { text, entries, active } = typed;
    let nothing = move || {
        (entries.read().is_empty() && !busy.get()).then(|| {
            view! { <p class="palette__nothing">"Nothing is called “" {text.get().trim().to_owned()} "”."</p> }
        })
    };
    let said = move || match entries.read().len() {
        _ if busy.get() => String::new(),
        1 => "1 result".to_owned(),
        many => format!("{many} results"),
    };
    view! {
        <div class="palette__list" id="palette-list" role="listbox" aria-label="Results">
            {move || groups(&entries.read(), active, choose)}
        </div>
        {nothing}
        <p class="sr-only" role="status">{said}</p>
    }
}

fn groups(entries: &[Entry], active: RwSignal<usize>, choose: Callback<Entry>) -> AnyView {
    let mut at = 0;
    let group = |entries: &[Entry]| {
        let section = entries.first().map(|entry| entry.section).unwrap_or_default();
        let first = at;
        at += entries.len();
        let lines = entries.iter().enumerate().map(|(index, entry)| line(first + index, entry.clone(), active, choose));
        view! {
            <div role="group" aria-label=section>
                <p class="palette__section" aria-hidden="true">{section}</p>
                {lines.collect_view()}
            </div>
        }
    };
    entries.chunk_by(|one, next| one.section == next.section).map(group).collect_view().into_any()
}

fn line(index: usize, entry: Entry, active: RwSignal<usize>, choose: Callback<Entry>) -> AnyView {
    let Entry { icon, label, note, keys, .. } = entry.clone();
    view! {
        <div
            class="palette__line"
            id=option_id(index)
            role="option"
            aria-selected=move || (active.get() == index).to_string()
            // What lies under the pointer when the list changes was not pointed at.
            on:mousemove=move |_| if active.get_untracked() != index { active.set(index) }
            on:click=move |_| choose.run(entry.clone())
        >
            <Icon name=icon/>
            <span class="truncate">{label}</span>
            {(!note.is_empty()).then(|| view! { <span class="palette__note">{note}</span> })}
            {keys.map(|keys| view! { <span class="palette__keys" aria-hidden="true"><Kbd keys/></span> })}
        </div>
    }
}

fn option_id(index: usize) -> String {
    format!("palette-{index}")
}

/// Scrolls as little as is needed to see the entry.
fn reveal(index: usize) {
    let Some(line) = document().get_element_by_id(&option_id(index)) else { return };
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    line.scroll_into_view_with_scroll_into_view_options(&options);
}
