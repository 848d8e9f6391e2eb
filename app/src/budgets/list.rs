use super::{
    actions::{BudgetTree, LoadBudgets},
    columns::columns,
    dialogs::{Asking, Dialogs},
    row::BudgetRow,
};
use crate::{
    prelude::*,
    shell::{PageProblem, chosen_environment},
    ui::{ButtonKind, ButtonLink, Card, EmptyKind, EmptyState, Glyph, PageHead, Paging, Table, TableSkeleton},
    usage::use_live,
    wire::{Following, PageData, lazy_page},
};

/// `/budgets`: all budgets, each below those that bound it too.
#[derive(Debug)]
pub(crate) struct BudgetsPage {
    tree: PageData<BudgetTree>,
}

lazy_page!(credentials: BudgetsPage);

impl BudgetsPage {
    fn load() -> Self {
        Self { tree: PageData::of_query::<LoadBudgets>(&["environment"]) }
    }

    fn show(self) -> AnyView {
        let Self { tree: data } = self;
        data.follow(waiting, move |tree| view! { <Budgets data tree/> })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["Budget", "Environment", "Period", "Amount", "Spent", "Remaining"];
    view! { <PageHead title="Budgets"/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Budgets(data: PageData<BudgetTree>, tree: Following<BudgetTree>) -> impl IntoView {
    let asking = Asking::new(tree.value, data);
    // Only the bars that moved are drawn anew.
    let live = use_live(Signal::stored(true), move || data.renew(tree, |before, new| *before = new));
    let manageable = Memo::new(move |_| tree.value.read().manageable);
    let symbol = Memo::new(move |_| tree.value.read().symbol.clone());
    let body = move || match tree.problem.get() {
        Some(problem) => view! { <PageProblem problem/> },
        None => view! { <Rows tree=tree.value asking manageable/> },
    };
    view! {
        <PageHead title="Budgets" note="A call falls under every budget above its key, and has to fit each." live>
            {move || manageable.get().then(|| view! { <CreateBudget/> })}
        </PageHead>
        <Card flush=true>{body}</Card>
        <Dialogs asking symbol/>
    }
}

#[component]
fn CreateBudget() -> impl IntoView {
    view! { <ButtonLink href=Some("/budgets/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Create budget"</ButtonLink> }
}

#[component]
fn Rows(tree: RwSignal<BudgetTree>, asking: Asking, manageable: Memo<bool>) -> impl IntoView {
    let paging = Signal::derive(move || {
        let summary = match tree.read().rows.len() {
            1 => "1 budget".to_owned(),
            n => format!("{n} budgets"),
        };
        Some(Paging { summary, ..Paging::default() })
    });
    view! {
        <Table
            label="Budgets"
            columns=columns(tree, asking)
            rows=Signal::derive(move || tree.read().rows.clone())
            key=|row: &BudgetRow| row.state()
            paging
            empty=move || view! { <Nothing manageable/> }
        />
    }
}

#[component]
fn Nothing(manageable: Memo<bool>) -> impl IntoView {
    if chosen_environment().get_untracked().is_some() {
        let title = "No budgets here";
        return view! { <EmptyState kind=EmptyKind::NoResults title text="There are none of this environment."/> };
    }
    view! {
        <EmptyState
            kind=EmptyKind::FirstUse
            icon=Glyph::Wallet
            title="No budgets yet"
            text="A budget is the most that the organization, a team, a person or a key may spend in a day, a week or a month. A loop that went wrong overnight then ends at a bound you chose: calls that might exceed a hard budget are refused before they cost anything."
        >
            {move || manageable.get().then(|| view! { <CreateBudget/> })}
        </EmptyState>
    }
}
