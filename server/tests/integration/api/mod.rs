//! Each route's right answer, and its refusals.

mod audit;
mod budgets;
mod bulk;
mod connections;
mod due;
mod finding;
mod health;
mod inputs;
mod jobs;
mod keys;
mod limits;
mod many;
mod models;
mod reference;
mod rotation;
mod rules;
mod templates;
mod tokens;
pub(crate) mod usage;
mod views;
