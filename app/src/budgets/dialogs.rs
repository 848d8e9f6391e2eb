use super::{
    actions::{BudgetTree, ChangeBudget, DeleteBudget},
    row::BudgetRow,
};
use crate::{
    prelude::*,
    ui::{Button, ButtonKind, Choices, Dialog, FormError, Input, Tone},
    wire::{Form, PageData, Question, Sending},
};

/// The questions of the list, each about whichever budget's menu asked it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    change: Question<BudgetRow>,
    delete: Question<BudgetRow>,
}

impl Asking {
    /// What the address asks, if anything.
    pub(super) fn new(tree: RwSignal<BudgetTree>, data: PageData<BudgetTree>) -> Self {
        let find = move |id: &str| {
            tree.with_untracked(|tree| tree.rows.iter().find(|row| row.manageable && row.id == id).cloned())
        };
        let done = move || data.refetch();
        Self {
            change: Question::new("change", Sending::to::<ChangeBudget>(), find, done),
            delete: Question::new("delete", Sending::to::<DeleteBudget>(), find, done),
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
    let (change_title, delete_title) =
        (change.title("Change", BudgetRow::title, ""), delete.title("Delete", BudgetRow::title, "?"));
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
