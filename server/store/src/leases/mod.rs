//! What of the hard budgets is leased to which node.
//!
//! Whoever leases money first locks the budget ([`Budgets::get_for_update`]), so that two nodes never
//! lease the same. Each node alone changes its own leases, and those of a node that has ended are
//! deleted.
//!
//! [`Budgets::get_for_update`]: crate::budgets::Budgets::get_for_update

use domain::{BudgetId, Money, NodeId, Timestamp};
use sqlx::QueryBuilder;

use crate::{Result, db::Conn};

/// How many leases one statement changes.
const CHUNK: usize = 250;

/// What of a budget is leased, in one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leased {
    /// To this node.
    pub here: Money,
    /// To all others.
    pub elsewhere: Money,
}

/// What a node's settled calls have used up of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// Of which budget.
    pub budget: BudgetId,
    /// In which of its periods, by its start.
    pub start: Timestamp,
    /// How much.
    pub amount: Money,
    /// What of the lease calls in flight hold now.
    pub held: Money,
}

/// The repository.
#[derive(Debug)]
pub struct Leases<'c>(pub(crate) Conn<'c>);

impl Leases<'_> {
    /// What is leased of a budget in the period that starts at `start`.
    ///
    /// Read what is spent after this, not before: a call of another node that comes into the books in
    /// between is then counted in both, and never in neither.
    pub async fn of_budget(&mut self, node: NodeId, budget: BudgetId, start: Timestamp) -> Result<Leased> {
        const SQL: &str = "SELECT
            CAST(COALESCE(sum(CASE WHEN node_id = $3 THEN amount END), 0) AS BIGINT),
            CAST(COALESCE(sum(CASE WHEN node_id <> $3 THEN amount END), 0) AS BIGINT)
            FROM budget_leases WHERE budget_id = $1 AND window_start = $2";
        let (here, elsewhere) =
            run!(self.0, |c| sqlx::query_as(SQL).bind(budget).bind(start).bind(node).fetch_one(c).await?);
        Ok(Leased { here, elsewhere })
    }

    /// Leases so much to the node, instead of what was leased to it before; `held` is what of it calls
    /// in flight hold. Of periods before `oldest` it has nothing any more.
    pub async fn set(
        &mut self,
        node: NodeId,
        budget: BudgetId,
        start: Timestamp,
        amount: Money,
        held: Money,
        oldest: Timestamp,
    ) -> Result<()> {
        const END: &str = "DELETE FROM budget_leases WHERE budget_id = $1 AND node_id = $2 AND window_start < $3";
        const SET: &str = "INSERT INTO budget_leases (budget_id, node_id, window_start, amount, held)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (budget_id, window_start, node_id) DO UPDATE SET amount = excluded.amount, held = excluded.held";
        run!(self.0, |c| {
            sqlx::query(END).bind(budget).bind(node).bind(oldest).execute(&mut *c).await?;
            sqlx::query(SET).bind(budget).bind(node).bind(start).bind(amount).bind(held).execute(c).await?;
            Ok(())
        })
    }

    /// Ends the node's leases of a budget that no longer holds.
    pub async fn end(&mut self, node: NodeId, budget: BudgetId) -> Result<()> {
        const SQL: &str = "DELETE FROM budget_leases WHERE budget_id = $1 AND node_id = $2";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(budget).bind(node).execute(c).await?;
            Ok(())
        })
    }

    /// Takes off a node's leases what its calls have used up, in the transaction that takes these calls
    /// into the books.
    pub async fn draw(&mut self, node: NodeId, draws: &[Draw]) -> Result<()> {
        for chunk in draws.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(
                    "UPDATE budget_leases SET amount =
                    CASE WHEN amount > drawn.column3 THEN amount - drawn.column3 ELSE 0 END,
                    held = drawn.column4 FROM (",
                );
                q.push_values(chunk, |mut row, draw| {
                    row.push_bind(draw.budget).push_bind(draw.start).push_bind(draw.amount).push_bind(draw.held);
                });
                q.push(") AS drawn WHERE budget_id = drawn.column1 AND window_start = drawn.column2 AND node_id = ");
                q.push_bind(node).build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// What calls in flight hold of a budget on all nodes, as these last said.
    pub async fn held(&mut self, budget: BudgetId, start: Timestamp) -> Result<Money> {
        const SQL: &str = "SELECT CAST(COALESCE(sum(held), 0) AS BIGINT) FROM budget_leases
            WHERE budget_id = $1 AND window_start = $2";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).bind(budget).bind(start).fetch_one(c).await?))
    }
}
