use super::{
    menu::turn,
    revoke::RevokeForm,
    rotate::{RotateDialog, Rotated},
    row::KeyRow,
};
use crate::{
    prelude::*,
    ui::{Button, ButtonLink, Dialog, DialogButton, Glyph, Tone, query::query_param},
    wire::{Form, Sending},
};

/// What can be done to a key on its page.
#[component]
pub(super) fn Actions(
    /// The key.
    key_row: KeyRow,
    /// Switches it on or off, and revokes it.
    change: Sending,
    /// Changes its secret.
    rotate: Sending<Rotated>,
    /// Whether the page shows a new secret already.
    has_new: bool,
) -> impl IntoView {
    let KeyRow { id, name, may, .. } = key_row;
    let (icon, next, words) = turn(may.enable);
    let asked = query_param("ask").get_untracked();
    let asked = |question: &str| asked.as_deref() == Some(question);
    let ask_rotate = asked("rotate") && !has_new && untrack(|| rotate.answer().is_none());
    let (title, edit, revoked, rotated) =
        (format!("Revoke {name}?"), format!("/keys/{id}/edit"), id.clone(), id.clone());
    view! {
        <ButtonLink href=Some(edit) icon=Glyph::Pencil>"Edit…"</ButtonLink>
        <Form to=change>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="status" value=next/>
            <Button submit=true icon pending=change.pending()>{words}</Button>
        </Form>
        <DialogButton opens="rotate" icon=Glyph::Refresh>"Rotate…"</DialogButton>
        <DialogButton opens="revoke" tone=Tone::Danger icon=Glyph::Ban>"Revoke…"</DialogButton>
        <Dialog id="revoke" title small=true shown=asked("revoke")>
            <RevokeForm id=revoked action=change/>
        </Dialog>
        <RotateDialog id=rotated name action=rotate shown=ask_rotate/>
    }
}
