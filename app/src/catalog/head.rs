use leptos::{form::ActionForm, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    actions::{EnableConnection, ReplaceKey, TestConnection},
    data::ConnectionRow,
};
use crate::{
    problem::Problem,
    ui::{Button, ButtonKind, Dialog, DialogButton, FormError, Glyph, Input, PageHead},
};

const DIALOG: &str = "replace-key";

/// The connection's name and what can be done with it.
#[component]
pub(super) fn Head(row: ConnectionRow, changes: RwSignal<u32>) -> impl IntoView {
    let ConnectionRow { id, name, enabled, base_url, .. } = row;
    let (test, enable) = (ServerAction::<TestConnection>::new(), ServerAction::<EnableConnection>::new());
    let tested = after(test.value().into(), changes);
    let switched = after(enable.value().into(), changes);
    let problem = Signal::derive(move || tested.get().or(switched.get()));
    let (words, icon) = if enabled { ("Disable", Glyph::Pause) } else { ("Enable", Glyph::Play) };
    let replace = base_url.map(|_| {
        (
            view! { <DialogButton opens=DIALOG icon=Glyph::Key>"Replace key…"</DialogButton> },
            view! { <KeyDialog id=id.clone() changes/> },
        )
    });
    let (button, dialog) = replace.unzip();
    let tested_id = id.clone();
    view! {
        <PageHead title=name>
            <ActionForm action=enable>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="enabled" value=(!enabled).to_string()/>
                <Button submit=true icon pending=enable.pending()>{words}</Button>
            </ActionForm>
            {button}
            <ActionForm action=test>
                <input type="hidden" name="id" value=tested_id/>
                <Button submit=true kind=ButtonKind::Primary icon=Glyph::Refresh pending=test.pending()>"Test connection"</Button>
            </ActionForm>
        </PageHead>
        <FormError problem/>
        {dialog}
    }
}

#[component]
fn KeyDialog(id: String, changes: RwSignal<u32>) -> impl IntoView {
    let action = ServerAction::<ReplaceKey>::new();
    let problem = after(action.value().into(), changes);
    let error = Signal::derive(move || problem.get().and_then(|problem| problem.field("api_key")));
    // Sent without WASM, a wrong key leads back here, to the open dialog.
    let shown = problem.get_untracked().is_some();
    Effect::new(move |_| {
        let dialog =
            document().get_element_by_id(DIALOG).and_then(|found| found.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if let (Some(dialog), Some(Ok(()))) = (dialog, action.value().get()) {
            dialog.close();
        }
    });
    view! {
        <Dialog id=DIALOG title="Replace key" note="The old key is forgotten at once; the new one is tested." small=true shown>
            <ActionForm action attr:class="form">
                <FormError problem/>
                <input type="hidden" name="id" value=id/>
                <Input name="api_key" label="New API key" kind="password" required=true autocomplete="off" error/>
                <div class="dialog__foot">
                    <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Replace key"</Button>
                </div>
            </ActionForm>
        </Dialog>
    }
}

/// Counts an action's successes, after which the page is loaded again; and tells its problem.
pub(super) fn after(value: Signal<Option<Result<(), Problem>>>, changes: RwSignal<u32>) -> Signal<Option<Problem>> {
    Effect::new(move |_| {
        if matches!(*value.read(), Some(Ok(()))) {
            changes.update(|n| *n += 1);
        }
    });
    Signal::derive(move || value.get().and_then(Result::err))
}
