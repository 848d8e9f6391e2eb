//! Lists that are ordered by whose keys are: they go through one owner, team or template after the other.

use std::collections::{HashSet, VecDeque};

use domain::{
    OrganizationId,
    keys::{GroupId, KeyFilter, KeyGroup, Ordinal},
};
use sqlx::QueryBuilder;

use super::{Key, KeyPage, Keys};
use crate::{Result, pieces::Pieces};

/// After how many without a key that matches it is asked which have any.
const PATIENCE: usize = 8;

const fn column(by: KeyGroup) -> &'static str {
    match by {
        KeyGroup::Owner => "owner_id",
        KeyGroup::Team => "team_id",
        KeyGroup::Template => "template_id",
    }
}

impl Keys<'_> {
    /// The owners, teams or templates of the organization's keys, each once.
    pub async fn groups(&mut self, organization: OrganizationId, by: KeyGroup) -> Result<Vec<GroupId>> {
        // From one to the next in the index, as none of the engines does for DISTINCT.
        macro_rules! distinct {
            ($column:literal) => {
                concat!(
                    "WITH RECURSIVE found (id) AS (
                        SELECT * FROM (
                            SELECT ",
                    $column,
                    " FROM api_keys
                            WHERE organization_id = $1 AND ",
                    $column,
                    " IS NOT NULL ORDER BY ",
                    $column,
                    " LIMIT 1
                        ) AS first
                        UNION ALL
                        SELECT (SELECT k.",
                    $column,
                    " FROM api_keys k
                            WHERE k.organization_id = $1 AND k.",
                    $column,
                    " > found.id ORDER BY k.",
                    $column,
                    " LIMIT 1)
                        FROM found WHERE found.id IS NOT NULL
                    )
                    SELECT id FROM found WHERE id IS NOT NULL"
                )
            };
        }
        let sql = match by {
            KeyGroup::Owner => distinct!("owner_id"),
            KeyGroup::Team => distinct!("team_id"),
            KeyGroup::Template => distinct!("template_id"),
        };
        run!(self.0, |c| Ok(sqlx::query_scalar(sql).bind(organization).fetch_all(c).await?))
    }

    /// A page of a list that is ordered by groups. Keys of none come last, whichever comes first.
    pub(super) async fn grouped(&mut self, page: &KeyPage<'_>, by: KeyGroup, matching: Pieces) -> Result<Vec<Key>> {
        let mut after = page.after.as_ref();
        let mut groups: VecDeque<Option<GroupId>> = page.groups.iter().copied().map(Some).chain([None]).collect();
        if let Some(Ordinal::Group(last)) = after.map(|after| &after.value) {
            while groups.front().is_some_and(|group| group != last) {
                groups.pop_front();
            }
        }
        let (mut keys, mut empty): (Vec<Key>, usize) = (Vec::new(), 0);
        while let Some(group) = groups.pop_front() {
            let missing = page.limit - keys.len() as i64;
            if missing <= 0 {
                break;
            }
            let mut one = matching.clone();
            of_group(&mut one, by, group);
            if let Some(after) = after.take() {
                one.sql(if page.sort.descending { " AND id < " } else { " AND id > " }).id(after.id.uuid());
            }
            one.sql(if page.sort.descending { " ORDER BY id DESC" } else { " ORDER BY id" });
            let found = self.rows(one, missing).await?;
            empty += usize::from(found.is_empty());
            keys.extend(found);
            if empty == PATIENCE && *page.filter != KeyFilter::default() {
                let some = self.groups_with(by, matching.clone()).await?;
                groups.retain(|group| some.contains(group));
                empty += 1;
            }
        }
        Ok(keys)
    }

    /// Those that have a key that matches.
    async fn groups_with(&mut self, by: KeyGroup, matching: Pieces) -> Result<HashSet<Option<GroupId>>> {
        let found: Vec<Option<GroupId>> = run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT DISTINCT ");
            q.push(column(by)).push(" FROM api_keys WHERE ");
            matching.write(&mut q);
            q.build_query_scalar().fetch_all(c).await?
        });
        Ok(found.into_iter().collect())
    }
}

fn of_group(p: &mut Pieces, by: KeyGroup, group: Option<GroupId>) {
    p.sql(" AND ").sql(column(by));
    match group {
        Some(id) => p.sql(" = ").id(id),
        None => p.sql(" IS NULL"),
    };
}
