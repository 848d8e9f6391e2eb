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

/// What some keys reach.
#[derive(sqlx::FromRow)]
struct Reach {
    number: i64,
    environment: Environment,
    rules: Rules,
}

impl Keys<'_> {
    /// The condition that a key may call one of these models, or none of them. Keys differ in little of what they may
    /// call: what of it is meant is decided by the rule that gateways have.
    pub(super) async fn reaching(
        &mut self,
        organization: OrganizationId,
        names: &OneOf<CalledModel>,
        asked: &Asked,
    ) -> Result<Pieces> {
        let models: Vec<&Reachable> = asked.called(names).collect();
        let reaches = self.reaches(organization).await?;
        let allowing = |environment, rules: &Rules| models.iter().any(|model| model.is_allowed(environment, rules));
        let wanted = |of: &&Reach| allowing(of.environment, &of.rules) != names.not;
        let mut numbers = reaches.iter().filter(wanted).map(|of| Piece::Written(of.number)).peekable();
        let mut p = Pieces::default();
        match numbers.peek() {
            Some(_) => p.sql(" AND reach IN ").list(numbers),
            None => p.sql(" AND 1 = 0"),
        };
        Ok(p)
    }

    /// What the organization's keys reach, each different one once.
    async fn reaches(&mut self, organization: OrganizationId) -> Result<Vec<Reach>> {
        // From one number to the next in the index, as none of the engines does for DISTINCT.
        const SQL: &str = "WITH RECURSIVE found (number) AS (
                SELECT * FROM (
                    SELECT reach FROM api_keys WHERE organization_id = $1 ORDER BY reach LIMIT 1
                ) AS first
                UNION ALL
                SELECT (SELECT k.reach FROM api_keys k
                    WHERE k.organization_id = $1 AND k.reach > found.number ORDER BY k.reach LIMIT 1)
                FROM found WHERE found.number IS NOT NULL
            )
            SELECT found.number, k.environment, k.rules FROM found JOIN api_keys k ON k.id = (
                SELECT o.id FROM api_keys o WHERE o.organization_id = $1 AND o.reach = found.number LIMIT 1
            )";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).fetch_all(c).await?))
    }
}
