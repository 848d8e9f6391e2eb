//! Budgets: how much may be spent, what is left, and setting them.

mod actions;
mod columns;
mod dialogs;
mod list;
mod new;
mod of_key;
mod row;

#[cfg(feature = "ssr")]
pub(crate) use self::of_key::of_key;
pub(crate) use self::{
    list::BudgetsPage,
    new::NewBudgetPage,
    of_key::{BudgetCard, KeyBudgets},
};
