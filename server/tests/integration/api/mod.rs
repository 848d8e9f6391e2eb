//! Each route's right answer, and its refusals.

mod budgets;
mod connections;
mod health;
mod inputs;
mod keys;
mod limits;
mod models;
mod reference;
mod rotation;
mod rules;
mod tokens;
pub(crate) mod usage;
