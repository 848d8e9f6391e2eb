use std::collections::{BTreeMap, HashMap};

use domain::{
    TeamId, TemplateId, TokenId, UserId,
    audit::{AuditEntry, AuditEntryView},
    identity::Permission,
};
use store::Reader;

use crate::{Actor, Result};

/// Entries of the actor's organization as they are shown: who did it by name, and what changed field by field.
///
/// From where and with which program somebody acted is told to those who may read the whole log, and nobody else.
pub(crate) async fn views(reader: &mut Reader, actor: &Actor, entries: Vec<AuditEntry>) -> Result<Vec<AuditEntryView>> {
    let traced = actor.may(Permission::AuditRead);
    let mut views: Vec<AuditEntryView> = entries.into_iter().map(|entry| bare(entry, traced)).collect();
    let names = Names::of(reader, actor, &views).await?;
    for view in &mut views {
        view.actor_name = names.actor(&view.actor);
        view.names = mentioned(view).filter_map(|id| Some((id.to_owned(), names.by_id.get(id)?.clone()))).collect();
    }
    Ok(views)
}

fn bare(entry: AuditEntry, traced: bool) -> AuditEntryView {
    let changes = entry.changes();
    AuditEntryView {
        id: entry.id,
        at: entry.at,
        actor: entry.actor,
        actor_name: String::new(),
        action: entry.action,
        target: entry.target,
        ip: entry.ip.filter(|_| traced),
        user_agent: entry.user_agent.filter(|_| traced),
        request_id: entry.request_id,
        changes,
        names: BTreeMap::new(),
    }
}

/// The texts in an entry's changes, of which some are ids.
fn mentioned(view: &AuditEntryView) -> impl Iterator<Item = &str> {
    let values = view.changes.iter().flat_map(|change| [&change.before, &change.after]).flatten();
    values
        .flat_map(|value| match value.as_array() {
            Some(items) => items.iter().collect(),
            None => vec![value],
        })
        .filter_map(serde_json::Value::as_str)
}

/// What the people, tokens, teams and templates of some entries are called.
struct Names {
    by_id: HashMap<String, String>,
}

impl Names {
    async fn of(reader: &mut Reader, actor: &Actor, views: &[AuditEntryView]) -> Result<Self> {
        let actors = views.iter().filter_map(|view| view.actor.split_once(':').map(|(_, id)| id));
        let ids: Vec<&str> = actors.chain(views.iter().flat_map(mentioned)).collect();
        let mut by_id = HashMap::new();
        let people = reader.identity().user_names(&read::<UserId>(&ids)).await?;
        by_id.extend(people.into_iter().map(|(id, name)| (id.to_string(), name.to_string())));
        let tokens = reader.identity().token_names(actor.organization, &read::<TokenId>(&ids)).await?;
        by_id.extend(tokens.into_iter().map(|(id, name)| (id.to_string(), name.to_string())));
        if !read::<TeamId>(&ids).is_empty() {
            let teams = reader.organizations().teams(actor.organization).await?;
            by_id.extend(teams.into_iter().map(|team| (team.id.to_string(), team.name.to_string())));
        }
        if !read::<TemplateId>(&ids).is_empty() {
            let templates = reader.templates().list(actor.organization).await?;
            by_id.extend(templates.into_iter().map(|of| (of.id.to_string(), of.name.to_string())));
        }
        Ok(Self { by_id })
    }

    /// Somebody by the spelling of the log; whatever no person did, Turnpike did.
    fn actor(&self, spelled: &str) -> String {
        let named = |id: &str| self.by_id.get(id).cloned();
        match spelled.split_once(':') {
            Some(("user", id)) => named(id).unwrap_or_else(|| "A former member".to_owned()),
            Some(("token", id)) => format!("{} (token)", named(id).as_deref().unwrap_or("A former member")),
            _ => "Turnpike".to_owned(),
        }
    }
}

/// Those of the texts that are ids of this kind, each once.
fn read<T: std::str::FromStr + Ord>(texts: &[&str]) -> Vec<T> {
    let mut ids: Vec<T> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
