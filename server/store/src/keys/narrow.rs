//! From what a filter says to the condition that finds it soon.

use domain::{
    KeyId, OrganizationId,
    keys::{Asked, KeyFilter},
};
use sqlx::QueryBuilder;

use super::{Keys, filter};
use crate::{
    Result,
    pieces::{Piece, Pieces},
};

/// How many keys are few.
const FEW: usize = 1_000;

impl Keys<'_> {
    /// The condition that a key is the organization's and is among those that the filter shows.
    pub(super) async fn matching(
        &mut self,
        organization: OrganizationId,
        filter: &KeyFilter,
        asked: &Asked,
    ) -> Result<Pieces> {
        let mut found = filter::plain(organization, filter, asked);
        let words = filter.words();
        if !words.is_empty() {
            let words = self.narrowed(organization, filter::words(&words, asked)).await?;
            found.and(words);
        }
        if let Some(names) = &filter.model {
            let reaching = self.reaching(organization, names, asked).await?;
            found.and(self.narrowed(organization, reaching).await?);
        }
        if let Some(wanted) = &filter.near_limit {
            let near = filter::near_limit(organization, wanted, asked);
            found.and(self.narrowed(organization, near).await?);
        }
        Ok(found)
    }

    /// The same condition; where few keys meet it, in the form of their identities.
    ///
    /// A list is read in the order of an index, key by key until a page is full. That is soon where many
    /// keys match, and would go through all of them where hardly any does. So what can be found out from an index of
    /// its own is looked up first, and no further than it takes to tell few from many.
    async fn narrowed(&mut self, organization: OrganizationId, condition: Pieces) -> Result<Pieces> {
        let mut pieces = Pieces::default();
        pieces.sql("organization_id = ").id(organization.uuid()).and(condition.clone());
        let ids: Vec<KeyId> = run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT id FROM api_keys WHERE ");
            pieces.write(&mut q);
            q.push(" LIMIT ").push_bind(FEW as i64 + 1);
            q.build_query_scalar().fetch_all(c).await?
        });
        let mut found = Pieces::default();
        match ids.len() {
            0 => found.sql(" AND 1 = 0"),
            1..=FEW => found.sql(" AND id IN ").list(ids.into_iter().map(|id| Piece::Id(id.uuid()))),
            _ => return Ok(condition),
        };
        Ok(found)
    }
}
