use domain::budgets::Period;

use super::{
    actions::{BudgetStart, CreateBudget, StartBudget},
    row::period_words,
};
use crate::{
    bearers::BearerFields,
    prelude::*,
    shell::PageProblem,
    ui::{Button, ButtonKind, ButtonLink, Card, Choice, Choices, FormError, Input, PageHead, Select},
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/budgets/new`: a budget is made.
#[derive(Debug)]
pub(crate) struct NewBudgetPage {
    start: PageData<BudgetStart>,
}

lazy_page!(credentials: NewBudgetPage);

impl NewBudgetPage {
    fn load() -> Self {
        Self { start: PageData::of_query::<StartBudget>(&["key"]) }
    }

    fn show(self) -> AnyView {
        self.start.each(
            || ().into_any(),
            |start| match start {
                Ok(start) => view! { <NewBudget start/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn NewBudget(start: BudgetStart) -> impl IntoView {
    let action = Sending::to::<CreateBudget>();
    let BudgetStart { bearers, symbol } = start;
    let periods =
        Period::ALL.into_iter().map(|period| Choice::new(period.as_str(), period_words(period))).collect::<Vec<_>>();
    view! {
        <div class="stack narrow">
            <PageHead title="Create budget" note="The most that may be spent, by whom, in which time."/>
            <Card>
                <Form to=action class="form">
                    <FormError problem=action.problem()/>
                    <BearerFields bearers action/>
                    <Input
                        name="amount"
                        label="Amount"
                        hint="In one period."
                        placeholder="100.00"
                        prefix=symbol
                        inputmode="decimal"
                        required=true
                        autocomplete="off"
                        error=action.error("amount")
                    />
                    <Select
                        name="period"
                        label="Begins anew every"
                        choices=periods
                        value=Period::Month.as_str()
                        hint="By your organization's calendar. What was spent in the present period counts already; all time begins now."
                        error=action.error("period")
                    />
                    <Choices name="hard" label="When it is used up" choices=kinds() value="true"/>
                    <div class="form__actions">
                        <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Create budget"</Button>
                        <ButtonLink href=Some("/budgets".to_owned())>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}

/// What happens when a budget is used up.
pub(super) fn kinds() -> Vec<Choice> {
    vec![
        Choice::new("true", "Refuse calls")
            .with_note("Hard: a call that might exceed it is refused before it is forwarded."),
        Choice::new("false", "Only show it").with_note("Soft: calls go on, and the bar turns red."),
    ]
}
