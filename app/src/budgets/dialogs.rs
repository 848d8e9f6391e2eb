use leptos::prelude::*;

use super::{
    actions::{BudgetTree, ChangeBudget, DeleteBudget},
    row::BudgetRow,
};
use crate::{
    ui::{Button, ButtonKind, Choices, Dialog, FormError, Input, Tone, query::query_param},
    wire::{Form, PageData, Sending},
};

/// The questions of the list, each about whichever budget's menu asked it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    change: Question,
    delete: Question,
}

#[derive(Clone, Copy, Debug)]
struct Question {
    about: RwSignal<Option<BudgetRow>>,
    open: RwSignal<bool>,
    sending: Sending,
    /// Whether the page arrived with it.
    shown: bool,
}

impl Question {
    /// Without WASM the question is asked by the address, as `?name=` and the budget's id.
    fn new(name: &'static str, sending: Sending, tree: RwSignal<BudgetTree>, data: PageData<BudgetTree>) -> Self {
        let named = query_param(name).get_untracked();
        let about = tree.with_untracked(|tree| {
            tree.rows.iter().find(|row| row.manageable && Some(&row.id) == named.as_ref()).cloned()
        });
        let shown = about.is_some();
        let (about, open) = (RwSignal::new(about), RwSignal::new(shown));
        sending.then(move || {
            open.set(false);
            data.refetch();
        });
        Self { about, open, sending, shown }
    }

    fn ask(self, row: BudgetRow) {
        self.sending.forget();
        self.about.set(Some(row));
        self.open.set(true);
    }

    fn title(self, verb: &'static str, end: &'static str) -> Signal<String> {
        Signal::derive(move || {
            let about = self.about.read();
            format!("{verb} {}{end}", about.as_ref().map(BudgetRow::title).unwrap_or_default())
        })
    }
}

impl Asking {
    /// What the address asks, if anything.
    pub(super) fn new(tree: RwSignal<BudgetTree>, data: PageData<BudgetTree>) -> Self {
        Self {
            change: Question::new("change", Sending::to::<ChangeBudget>(), tree, data),
            delete: Question::new("delete", Sending::to::<DeleteBudget>(), tree, data),
        }
    }

    /// Asks for another amount of this budget.
    pub(super) fn change(self, row: BudgetRow) {
        self.change.ask(row);
    }

    /// Asks whether to delete this budget.
    pub(super) fn delete(self, row: BudgetRow) {
        self.delete.ask(row);
    }
}

/// The dialogs in which they are asked.
#[component]
pub(super) fn Dialogs(asking: Asking, symbol: Memo<String>) -> impl IntoView {
    let Asking { change, delete } = asking;
    let (change_title, delete_title) = (change.title("Change", ""), delete.title("Delete", "?"));
    let change_form = move || {
        let symbol = symbol.get();
        change.about.get().map(|row| view! { <ChangeForm row symbol action=change.sending/> })
    };
    let delete_id = move || delete.about.read().as_ref().map(|row| row.id.clone());
    view! {
        <Dialog id="change" title=change_title small=true open=change.open shown=change.shown>{change_form}</Dialog>
        <Dialog id="delete" title=delete_title small=true open=delete.open shown=delete.shown>
            <p>"From the next call on it bounds nothing any more. What was spent stays in the books."</p>
            <Form to=delete.sending class="form">
                <FormError problem=delete.sending.problem()/>
                <input type="hidden" name="id" value=delete_id/>
                <div class="dialog__foot">
                    <Button kind=ButtonKind::Primary tone=Tone::Danger submit=true pending=delete.sending.pending()>"Delete budget"</Button>
                </div>
            </Form>
        </Dialog>
    }
}

#[component]
fn ChangeForm(row: BudgetRow, symbol: String, action: Sending) -> impl IntoView {
    let BudgetRow { id, exact, hard, .. } = row;
    view! {
        <p>"In force from the next call on. What was spent in this period stays spent."</p>
        <Form to=action class="form">
            <FormError problem=action.problem()/>
            <input type="hidden" name="id" value=id/>
            <Input name="amount" label="Amount" value=exact prefix=symbol inputmode="decimal" required=true autocomplete="off" error=action.error("amount")/>
            <Choices name="hard" label="When it is used up" choices=super::new::kinds() value=hard.to_string()/>
            <div class="dialog__foot">
                <Button kind=ButtonKind::Primary submit=true pending=action.pending()>"Save"</Button>
            </div>
        </Form>
    }
}
