//! Many budgets at once.

use domain::{BudgetId, budgets::Budget};
use sqlx::QueryBuilder;

use super::{Budgets, StoredBudget};
use crate::Result;

/// How many rows one statement writes. Only statements of this length, and for one row, stay prepared.
const CHUNK: usize = 250;

impl Budgets<'_> {
    /// Adds budgets.
    ///
    /// # Errors
    /// A duplicate when there is one for the same scope, environment and period.
    pub async fn insert_many(&mut self, new: &[StoredBudget]) -> Result<()> {
        for chunk in new.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(concat!("INSERT INTO budgets (", columns!(), ") "));
                q.push_values(chunk, |mut row, new| {
                    let Budget { id, scope, environment, period, amount, hard, since } = new.budget;
                    row.push_bind(id).push_bind(new.organization).push_bind(scope.kind()).push_bind(scope.subject());
                    row.push_bind(environment).push_bind(period).push_bind(amount).push_bind(hard).push_bind(since);
                    row.push_bind(new.created_at).push_bind(&new.created_by).push_bind(new.crossed_at);
                });
                q.build().persistent(chunk.len() == CHUNK || chunk.len() == 1).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Changes how much may be spent under each of these budgets, whether that holds, and since when it counts.
    pub async fn update_many(&mut self, budgets: &[Budget]) -> Result<()> {
        for chunk in budgets.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(
                    "UPDATE budgets SET amount = n.column2, hard = n.column3, since = n.column4 FROM (",
                );
                q.push_values(chunk, |mut row, budget| {
                    row.push_bind(budget.id).push_bind(budget.amount).push_bind(budget.hard).push_bind(budget.since);
                });
                q.push(") AS n WHERE id = n.column1");
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Takes budgets away.
    pub async fn delete_many(&mut self, ids: &[BudgetId]) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("DELETE FROM budgets WHERE id IN (");
                let mut list = q.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                q.push(")");
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }
}
