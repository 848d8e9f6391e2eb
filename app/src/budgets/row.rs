use domain::budgets::Period;
use serde::{Deserialize, Serialize};

use crate::{
    prelude::*,
    ui::{Badge, Meter, Moment, Tone},
};

/// A budget as a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BudgetRow {
    /// The budget.
    pub id: String,
    /// Below how many others it lies.
    pub depth: u8,
    /// Whose spending it bounds, by kind: `organization`, `team`, `user` or `key`.
    pub kind: String,
    /// What that is called.
    pub name: String,
    /// Its own page, where it has one.
    pub href: Option<String>,
    /// `test` or `live`.
    pub environment: String,
    /// How long it lasts until it begins anew.
    pub period: Period,
    /// Whether calls are refused that might exceed it.
    pub hard: bool,
    /// How much may be spent, formatted.
    pub amount: String,
    /// The same as a form takes it.
    pub exact: String,
    /// When it begins anew.
    pub resets: Option<Moment>,
    /// How it stands.
    pub level: Level,
    /// Whether the viewer may change it.
    pub manageable: bool,
}

/// How much of a budget is used, which changes with every call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// What is spent, formatted.
    pub spent: String,
    /// What is held for calls in flight, formatted; absent where that is nothing.
    pub held: Option<String>,
    /// What is neither, formatted.
    pub remaining: String,
    /// Which share is spent, 0 to 100.
    pub percent: f64,
    /// Which share is held, 0 to 100.
    pub further: f64,
    /// Whether nothing remains.
    pub empty: bool,
    /// When what was spent passed the amount, if that was in this period.
    pub crossed: Option<String>,
}

impl BudgetRow {
    /// Whatever of the row may change while the page is open, but the level, which moves in its place.
    pub(super) fn state(&self) -> String {
        let Self { id, depth, name, hard, exact, resets, manageable, .. } = self;
        let resets = resets.as_ref().map_or(0, |at| at.seconds);
        format!("{id} {depth} {hard} {exact} {resets} {manageable} {name}")
    }

    /// What it is about, and over which stretch of time: `Search, live, by the month`.
    pub(super) fn title(&self) -> String {
        format!("{}, {}, {}", self.name, self.environment, by_the(self.period))
    }
}

impl Level {
    fn tone(&self) -> Tone {
        Tone::of_use(self.percent + self.further, !self.empty)
    }

    fn words(&self) -> String {
        let held = self.held.as_ref().map(|held| format!("{held} held for calls in flight, ")).unwrap_or_default();
        let crossed = self.crossed.as_ref().map(|at| format!(", passed {at}")).unwrap_or_default();
        format!("{} spent, {held}{} remaining{crossed}", self.spent, self.remaining)
    }
}

/// The level as a bar.
#[component]
pub(super) fn LevelBar(
    /// How the budget stands.
    #[prop(into)]
    level: Signal<Level>,
    /// Whose budget.
    #[prop(into)]
    label: String,
    /// Whether it is as wide as its container.
    #[prop(optional)]
    full: bool,
) -> impl IntoView {
    let percent = Signal::derive(move || level.read().percent);
    let further = Signal::derive(move || level.read().further);
    let tone = Signal::derive(move || level.read().tone());
    view! { <Meter percent further tone label full attr:title=move || level.read().words()/> }
}

/// Whether calls are refused that might exceed it.
#[component]
pub(super) fn HardBadge(hard: bool) -> impl IntoView {
    let (words, meaning) = match hard {
        true => ("Hard", "A call that might exceed it is refused."),
        false => ("Soft", "It is shown when it is exceeded; no call is refused."),
    };
    view! { <Badge plain=true attr:title=meaning>{words}</Badge> }
}

/// Each period in a word.
pub(super) const fn period_words(period: Period) -> &'static str {
    match period {
        Period::Day => "Day",
        Period::Week => "Week",
        Period::Month => "Month",
        Period::Total => "All time",
    }
}

const fn by_the(period: Period) -> &'static str {
    match period {
        Period::Day => "by the day",
        Period::Week => "by the week",
        Period::Month => "by the month",
        Period::Total => "for all time",
    }
}

/// The present period in words.
pub(super) const fn this(period: Period) -> &'static str {
    match period {
        Period::Day => "today",
        Period::Week => "this week",
        Period::Month => "this month",
        Period::Total => "in all",
    }
}

/// A budget as a row, below `depth` others.
#[cfg(feature = "ssr")]
pub(super) fn row(budget: &domain::budgets::BudgetView, depth: u8, calendar: &crate::server::Calendar) -> BudgetRow {
    use domain::Money;
    let money = |amount: Money| crate::ui::format::money(amount.nanos(), budget.currency.code());
    let share = |part: Money| (part.nanos() as f64 * 100.0 / budget.amount.nanos().max(1) as f64).clamp(0.0, 100.0);
    BudgetRow {
        id: budget.id.to_string(),
        depth,
        kind: budget.scope.kind().to_owned(),
        name: budget.name.clone(),
        href: crate::bearers::page_of(budget.scope),
        environment: budget.environment.to_string(),
        period: budget.period,
        hard: budget.hard,
        amount: money(budget.amount),
        exact: budget.amount.to_string(),
        resets: budget.resets_at.map(|at| calendar.moment(at)),
        level: Level {
            spent: money(budget.spent),
            held: (budget.held > Money::ZERO).then(|| money(budget.held)),
            remaining: money(budget.remaining),
            percent: share(budget.spent),
            further: share(budget.held),
            empty: budget.remaining <= Money::ZERO,
            crossed: budget.crossed_at.map(|at| calendar.moment(at).exact),
        },
        manageable: budget.manageable,
    }
}
