use wasm_bindgen::JsCast;

use super::{
    actions::{EnableConnection, ReplaceKey, TestConnection},
    data::{ConnectionFacts, ConnectionRow},
};
use crate::{
    prelude::*,
    ui::{Button, ButtonKind, Dialog, DialogButton, FormError, Glyph, Input, PageHead},
    wire::{Form, PageData, Sending},
};

const DIALOG: &str = "replace-key";

/// The connection's name and what can be done with it.
#[component]
pub(super) fn Head(row: ConnectionRow, data: PageData<ConnectionFacts>) -> impl IntoView {
    let ConnectionRow { id, name, enabled, base_url, .. } = row;
    let (test, enable) = (Sending::to::<TestConnection>(), Sending::to::<EnableConnection>());
    for action in [test, enable] {
        action.then(move || data.refetch());
    }
    let problem = Signal::derive(move || test.problem().get().or(enable.problem().get()));
    let (words, icon) = if enabled { ("Disable", Glyph::Pause) } else { ("Enable", Glyph::Play) };
    let replace = base_url.map(|_| {
        (
            view! { <DialogButton opens=DIALOG icon=Glyph::Key>"Replace key…"</DialogButton> },
            view! { <KeyDialog id=id.clone() data/> },
        )
    });
    let (button, dialog) = replace.unzip();
    let tested_id = id.clone();
    view! {
        <PageHead title=name>
            <Form to=enable>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="enabled" value=(!enabled).to_string()/>
                <Button submit=true icon pending=enable.pending()>{words}</Button>
            </Form>
            {button}
            <Form to=test>
                <input type="hidden" name="id" value=tested_id/>
                <Button submit=true kind=ButtonKind::Primary icon=Glyph::Refresh pending=test.pending()>"Test connection"</Button>
            </Form>
        </PageHead>
        <FormError problem/>
        {dialog}
    }
}

#[component]
fn KeyDialog(id: String, data: PageData<ConnectionFacts>) -> impl IntoView {
    let action = Sending::to::<ReplaceKey>();
    // Sent without WASM, a wrong key leads back here, to the open dialog.
    let shown = action.problem().get_untracked().is_some();
    action.then(move || {
        data.refetch();
        let dialog = document().get_element_by_id(DIALOG);
        if let Some(dialog) = dialog.and_then(|found| found.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
            dialog.close();
        }
    });
    view! {
        <Dialog id=DIALOG title="Replace key" note="The old key is forgotten at once; the new one is tested." small=true shown>
            <Form to=action class="form">
                <FormError problem=action.problem()/>
                <input type="hidden" name="id" value=id/>
                <Input name="api_key" label="New API key" kind="password" required=true autocomplete="off" error=action.error("api_key")/>
                <div class="dialog__foot">
                    <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Replace key"</Button>
                </div>
            </Form>
        </Dialog>
    }
}
