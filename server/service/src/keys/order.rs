use std::collections::HashMap;

use domain::{
    UserId,
    keys::{GroupId, KeyCursor, KeyGroup, KeySort, Ordinal},
    text::folded,
};
use store::Reader;

use crate::{Actor, Result};

/// The owners, teams or templates of the organization's keys by what they are called now, where a list is ordered by
/// them.
///
/// # Errors
/// When the page before ended with one that there is not.
pub(super) async fn groups(
    reader: &mut Reader,
    actor: &Actor,
    sort: KeySort,
    after: Option<&KeyCursor>,
) -> Result<Vec<GroupId>> {
    let Some(by) = sort.column.group() else { return Ok(Vec::new()) };
    let mut ids = reader.keys().groups(actor.organization, by).await?;
    let names = names(reader, actor, by, &ids).await?;
    if let Some(Ordinal::Group(Some(last))) = after.map(|after| &after.value)
        && !ids.contains(last)
    {
        // Its last key may have gone elsewhere since. The list goes on where it would be.
        names.get(last).ok_or_else(KeyCursor::bad)?;
        ids.push(*last);
    }
    let called = |id: &GroupId| names.get(id).map(|name| folded(name)).unwrap_or_default();
    ids.sort_by_cached_key(|id| (called(id), *id));
    if sort.descending {
        ids.reverse();
    }
    Ok(ids)
}

/// What they are called: those of these keys, and all others that the organization has.
async fn names(reader: &mut Reader, actor: &Actor, by: KeyGroup, ids: &[GroupId]) -> Result<HashMap<GroupId, String>> {
    Ok(match by {
        KeyGroup::Owner => {
            let mut people: HashMap<_, _> = reader.identity().people(actor.organization).await?.into_iter().collect();
            // Who has left may have left keys behind.
            let ids = ids.iter().map(|id| UserId::from_uuid(*id));
            let gone: Vec<UserId> = ids.filter(|id| !people.contains_key(id)).collect();
            people.extend(reader.identity().user_names(&gone).await?);
            people.into_iter().map(|(id, name)| (id.uuid(), name.to_string())).collect()
        }
        KeyGroup::Team => {
            let teams = reader.organizations().teams(actor.organization).await?;
            teams.into_iter().map(|team| (team.id.uuid(), team.name.to_string())).collect()
        }
        KeyGroup::Template => {
            let templates = reader.templates().list(actor.organization).await?;
            templates.into_iter().map(|template| (template.id.uuid(), template.name.to_string())).collect()
        }
    })
}
