use serde::{Deserialize, Serialize};

use super::row::{BudgetRow, HardBadge, Level, LevelBar, this};
use crate::{
    bearers::kind_words,
    prelude::*,
    ui::{Badge, Card, CardAside, Time},
};

/// The budgets that the calls of a key fall under.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyBudgets {
    /// The widest first: the organization's, its teams', its owner's, its own.
    pub rows: Vec<BudgetRow>,
    /// Whether the viewer may make one.
    pub manageable: bool,
}

#[cfg(feature = "ssr")]
impl KeyBudgets {
    /// What the key itself may spend, in words: `$50.00 a month`.
    pub(crate) fn own_words(&self) -> Vec<String> {
        let own = self.rows.iter().filter(|row| row.kind == "key");
        own.map(|row| format!("{} {}", row.amount, each(row.period))).collect()
    }
}

/// How often a budget may be spent, in words.
#[cfg(feature = "ssr")]
const fn each(period: domain::budgets::Period) -> &'static str {
    use domain::budgets::Period;
    match period {
        Period::Day => "a day",
        Period::Week => "a week",
        Period::Month => "a month",
        Period::Total => "in all",
    }
}

/// The budgets above a key; nothing for those who may not see budgets.
#[cfg(feature = "ssr")]
pub(crate) async fn of_key(
    actor: &service::Actor,
    id: domain::KeyId,
    calendar: &crate::server::Calendar,
) -> Result<Option<KeyBudgets>, crate::problem::Problem> {
    use domain::{PageQuery, budgets::BudgetQuery, identity::Permission};
    if !actor.may(Permission::BudgetsRead) {
        return Ok(None);
    }
    // Four periods of five scopes in one environment are all that there can be.
    let page = PageQuery { limit: Some(100), cursor: None };
    let query = BudgetQuery { key: Some(id.to_string()), environment: None };
    let budgets = crate::server::handle::<service::budgets::Budgets>()?;
    let mut above = budgets.list(actor, &query, &page).await?.data;
    above.sort_by_key(|budget| (budget.scope, budget.period));
    Ok(Some(KeyBudgets {
        rows: above.iter().map(|budget| super::row::row(budget, 0, calendar)).collect(),
        manageable: actor.may(Permission::BudgetsManage),
    }))
}

/// What a key's calls may cost, and what is left of it.
#[component]
pub(crate) fn BudgetCard(
    /// The budgets.
    #[prop(into)]
    budgets: Signal<KeyBudgets>,
    /// The key.
    key_id: String,
) -> impl IntoView {
    let manageable = Memo::new(move |_| budgets.read().manageable);
    let create = move || {
        let href = format!("/budgets/new?key={key_id}");
        manageable.get().then(|| view! { <a class="link" href=href>"Create budget"</a> })
    };
    let none = Memo::new(move |_| budgets.read().rows.is_empty());
    let rows = move || budgets.read().rows.clone();
    let body = move || match none.get() {
        true => view! { <p class="muted">"Nothing bounds what this key spends."</p> },
        // The bars move in their places.
        false => view! {
            <ul class="bearers">
                <For each=rows key=BudgetRow::state let:row>
                    <Row row budgets/>
                </For>
            </ul>
        },
    };
    view! {
        <Card title="Budgets">
            <CardAside slot>{create}</CardAside>
            {body}
        </Card>
    }
}

#[component]
fn Row(row: BudgetRow, budgets: Signal<KeyBudgets>) -> impl IntoView {
    let (kind, label) = (kind_words(&row.kind), format!("Spent of {}", row.title()));
    let BudgetRow { id, name, hard, amount, period, resets, level: first, .. } = row;
    // A row that is just leaving keeps its last.
    let level = Memo::new(move |before: Option<&Level>| {
        let budgets = budgets.read();
        let row = budgets.rows.iter().find(|row| row.id == id);
        row.map(|row| &row.level).or(before).unwrap_or(&first).clone()
    });
    let spent = move || format!("{} of {amount} {}", level.read().spent, this(period));
    view! {
        <li class="bearers__row">
            <div class="bearers__head">
                <b class="truncate">{name}</b>
                <Badge plain=true>{kind}</Badge>
                <HardBadge hard/>
            </div>
            <LevelBar level label full=true/>
            <div class="bearers__foot">
                <span class="num">{spent}</span>
                {resets.map(|at| view! { <span>"begins anew " <Time at/></span> })}
            </div>
        </li>
    }
}
