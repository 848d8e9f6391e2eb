use super::{Button, ButtonKind, Selection, Size, format};
use crate::prelude::*;

/// What stands above a table: its filters, and in their place, while rows are chosen, what to do with them.
#[component]
pub fn TableTools(
    /// What is chosen.
    selection: Selection,
    /// How many rows match the filters.
    #[prop(into)]
    matching: Signal<u64>,
    /// A `BulkBar`, in a piece that is loaded when the first row is chosen.
    bar: AnyView,
    /// The filters.
    children: Children,
) -> impl IntoView {
    let said = move || match selection.any().get() {
        true => words(selection.count(matching.get()), matching.get()),
        false => String::new(),
    };
    view! {
        <div class="tools">
            {children()}
            {bar}
            <p class="sr-only" role="status" aria-live="polite">{said}</p>
        </div>
    }
}

/// What can be done with the chosen rows. On a phone it is a sheet at the bottom.
#[component]
pub fn BulkBar(
    /// What is chosen.
    selection: Selection,
    /// How many rows match the filters.
    #[prop(into)]
    matching: Signal<u64>,
    /// The actions; what destroys comes last.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let any = selection.any();
    let (matching, chosen) = (Memo::new(move |_| matching.get()), Memo::new(move |_| selection.count(matching.get())));
    let more = move || chosen.get() < matching.get();
    view! {
        <div class="bulk" role="group" aria-label="Selected rows" hidden=move || !any.get()>
            <b>{move || words(chosen.get(), matching.get())}</b>
            <button class="link" type="button" hidden=move || !more() on:click=move |_| selection.choose_all_matching()>
                {move || format!("Select all {} matching", format::count(matching.get()))}
            </button>
            <div class="bulk__actions">
                {children.map(|actions| actions())}
                <Button kind=ButtonKind::Ghost size=Size::Small on:click=move |_| selection.clear()>"Clear"</Button>
            </div>
        </div>
    }
}

fn words(chosen: u64, matching: u64) -> String {
    match chosen == matching {
        true => format!("All {} selected", format::count(matching)),
        false => format!("{} of {} selected", format::count(chosen), format::count(matching)),
    }
}
