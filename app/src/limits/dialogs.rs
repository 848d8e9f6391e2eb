use domain::limits::LimitKind;

use super::{
    actions::{ChangeLimit, DeleteLimit, LimitRows},
    row::{LimitRow, unit},
};
use crate::{
    prelude::*,
    ui::{Button, ButtonKind, Dialog, FormError, Glyph, Input, Menu, MenuLine, MenuLink, Tone},
    wire::{Form, PageData, Question, Sending},
};

/// The questions of a list, each about whichever limit's menu asked it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    change: Question<LimitRow>,
    delete: Question<LimitRow>,
}

impl Asking {
    /// What the address asks, if anything.
    pub(super) fn new(limits: RwSignal<LimitRows>, data: PageData<LimitRows>) -> Self {
        let find = move |id: &str| limits.with_untracked(|limits| limits.manageable(id));
        let done = move || data.refetch();
        Self {
            change: Question::new("change-limit", Sending::to::<ChangeLimit>(), find, done),
            delete: Question::new("delete-limit", Sending::to::<DeleteLimit>(), find, done),
        }
    }
}

/// The menu of a limit.
#[component]
pub(super) fn Actions(row: LimitRow, asking: Asking) -> impl IntoView {
    let (menu, label) = (format!("menu-{}", row.id), format!("Actions for {}", row.title()));
    // Without WASM the questions are asked by the address.
    let (change, delete) = (format!("?change-limit={}", row.id), format!("?delete-limit={}", row.id));
    let (changed, deleted) = (row.clone(), row);
    let open_change = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        asking.change.ask(changed.clone());
    };
    let open_delete = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        asking.delete.ask(deleted.clone());
    };
    view! {
        <Menu id=menu label>
            <MenuLink href=change icon=Glyph::Pencil on:click=open_change>"Change limit…"</MenuLink>
            <MenuLine/>
            <MenuLink href=delete icon=Glyph::Trash attr:data-tone=Tone::Danger.attribute() on:click=open_delete>"Delete…"</MenuLink>
        </Menu>
    }
}

/// The dialogs in which they are asked.
#[component]
pub(super) fn Dialogs(asking: Asking) -> impl IntoView {
    let Asking { change, delete } = asking;
    let change_title = change.title("Change", LimitRow::title, "");
    let delete_title = delete.title("Delete", LimitRow::title, "?");
    let change_form = move || change.about.get().map(|row| view! { <ChangeForm row action=change.sending/> });
    let delete_id = move || delete.about.read().as_ref().map(|row| row.id.clone());
    view! {
        <Dialog id="change-limit" title=change_title small=true open=change.open shown=change.shown>{change_form}</Dialog>
        <Dialog id="delete-limit" title=delete_title small=true open=delete.open shown=delete.shown>
            <p>"From the next call on it limits nothing any more. Calls under way go on."</p>
            <Form to=delete.sending class="form">
                <FormError problem=delete.sending.problem()/>
                <input type="hidden" name="id" value=delete_id/>
                <div class="dialog__foot">
                    <Button kind=ButtonKind::Primary tone=Tone::Danger submit=true pending=delete.sending.pending()>"Delete limit"</Button>
                </div>
            </Form>
        </Dialog>
    }
}

#[component]
fn ChangeForm(row: LimitRow, action: Sending) -> impl IntoView {
    let LimitRow { id, limit, amount, burst, .. } = row;
    let label = match limit {
        LimitKind::Parallel => "Requests at once".to_owned(),
        _ => format!("{} a minute", super::new::capital(unit(limit))),
    };
    let burst = (limit != LimitKind::Parallel).then(|| view! { <BurstInput value=burst action/> });
    view! {
        <p>"In force from the next call on. What is used stays used."</p>
        <Form to=action class="form">
            <FormError problem=action.problem()/>
            <input type="hidden" name="id" value=id/>
            <Input name="amount" label value=amount.to_string() inputmode="numeric" required=true autocomplete="off" error=action.error("amount")/>
            {burst}
            <div class="dialog__foot">
                <Button kind=ButtonKind::Primary submit=true pending=action.pending()>"Save"</Button>
            </div>
        </Form>
    }
}

/// How much of a minute's amount may come at once.
#[component]
pub(super) fn BurstInput(
    /// What is decided on, where that is less than all.
    value: Option<u64>,
    /// What became of the form.
    action: Sending,
) -> impl IntoView {
    let value = value.map(|burst| burst.to_string()).unwrap_or_default();
    view! {
        <Input
            name="burst"
            label="Of these at once"
            hint="The rest comes spread over the minute. Empty: all may come at once."
            value
            inputmode="numeric"
            autocomplete="off"
            error=action.error("burst")
        />
    }
}
