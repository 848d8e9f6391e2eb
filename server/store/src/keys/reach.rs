//! Which models keys may call.

use domain::{
    OrganizationId,
    filter::OneOf,
    keys::{Asked, CalledModel, Environment, Reachable, Rules},
};

use super::Keys;
use crate::{
    Result,
    pieces::{Piece, Pieces},
};

impl Keys<'_> {
    /// The condition that a key may call one of these models, or none of them. Keys have few different lists of models:
    /// which of these allow one is decided by the rule that gateways have.
    pub(super) async fn reaching(
        &mut self,
        organization: OrganizationId,
        names: &OneOf<CalledModel>,
        asked: &Asked,
    ) -> Result<Pieces> {
        let models: Vec<&Reachable> = asked.called(names).collect();
        let lists = self.model_lists(organization).await?;
        let mut p = Pieces::default();
        p.sql(if names.not { " AND NOT (1 = 0" } else { " AND (1 = 0" });
        for environment in Environment::ALL {
            let allowing = |rules: &Rules| models.iter().any(|model| model.is_allowed(*environment, rules));
            let mut numbers = lists.iter().filter(|(_, rules)| allowing(rules)).map(|(number, _)| *number).peekable();
            if numbers.peek().is_some() {
                p.sql(" OR (environment = ").text(environment.as_str()).sql(" AND model_list IN ");
                p.list(numbers.map(Piece::Written)).sql(")");
            }
        }
        p.sql(")");
        Ok(p)
    }

    /// The different lists of models that the organization's keys have: the number of each, and the rules of a key that
    /// has it.
    async fn model_lists(&mut self, organization: OrganizationId) -> Result<Vec<(i64, Rules)>> {
        // From one number to the next in the index, as none of the engines does for DISTINCT.
        const SQL: &str = "WITH RECURSIVE lists (number) AS (
                SELECT * FROM (
                    SELECT model_list FROM api_keys WHERE organization_id = $1 ORDER BY model_list LIMIT 1
                ) AS first
                UNION ALL
                SELECT (SELECT k.model_list FROM api_keys k
                    WHERE k.organization_id = $1 AND k.model_list > lists.number ORDER BY k.model_list LIMIT 1)
                FROM lists WHERE lists.number IS NOT NULL
            )
            SELECT lists.number, (SELECT k.rules FROM api_keys k
                WHERE k.organization_id = $1 AND k.model_list = lists.number LIMIT 1)
            FROM lists WHERE lists.number IS NOT NULL";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).fetch_all(c).await?))
    }
}
