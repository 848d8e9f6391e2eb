use std::collections::BTreeSet;

use domain::{
    Invalid,
    filter::{AllLabels, Labelled},
    identity::Permission,
    keys::{KeyFilter, KeyQuery, KeySort, Suggestion, SuggestionQuery},
    text::folded,
};
use store::{Reader, keys::KeyPage};

use super::Keys;
use crate::{Actor, Result};

/// How many are offered.
const MOST: usize = 20;

impl Keys {
    /// What a filter of keys can be given, as far as it contains what was typed: values that there are.
    ///
    /// # Errors
    /// When there is nothing to suggest for a filter.
    pub async fn suggest(&self, actor: &Actor, query: &SuggestionQuery) -> Result<Vec<Suggestion>> {
        actor.require(Permission::KeysRead)?;
        let typed = query.q.as_deref().unwrap_or("").trim();
        let mut reader = self.core.db.read().await?;
        let mut found = match query.field.as_str() {
            "q" => self.names(&mut reader, actor, typed).await?,
            "owner" => owners(&mut reader, actor).await?,
            "team" => teams(&mut reader, actor).await?,
            "template" => templates(&mut reader, actor).await?,
            "label" => labels(&mut reader, actor, typed).await?,
            "model" => models(&mut reader, actor).await?,
            _ => {
                let message = "There are suggestions for q, owner, team, label, template and model.";
                return Err(Invalid::new("field", message).into());
            }
        };
        let part = folded(typed);
        found.retain(|suggestion| query.field == "q" || folded(&suggestion.label).contains(&part));
        found.truncate(MOST);
        Ok(found)
    }

    /// What the values are called that a query's filters have: those that are ids.
    pub async fn named(&self, actor: &Actor, query: &KeyQuery) -> Result<Vec<Suggestion>> {
        actor.require(Permission::KeysRead)?;
        let mut named = Vec::new();
        let mut reader = self.core.db.read().await?;
        if let Some(owner) = &query.owner {
            named.extend(owners(&mut reader, actor).await?.into_iter().filter(|named| owner.contains(&named.value)));
        }
        if let Some(team) = &query.team {
            named.extend(teams(&mut reader, actor).await?.into_iter().filter(|named| team.contains(&named.value)));
        }
        if let Some(template) = &query.template {
            let templates = templates(&mut reader, actor).await?;
            named.extend(templates.into_iter().filter(|named| template.contains(&named.value)));
        }
        Ok(named)
    }

    /// Keys by name, the newest first.
    async fn names(&self, reader: &mut Reader, actor: &Actor, typed: &str) -> Result<Vec<Suggestion>> {
        let filter = KeyFilter { text: Some(typed.to_owned()), ..KeyFilter::default() };
        let asked = self.asked(reader, actor, &filter).await?;
        let sort = KeySort::default();
        let page = KeyPage { filter: &filter, asked: &asked, sort, groups: &[], after: None, limit: MOST as i64 };
        let keys = reader.keys().list(actor.organization, &page).await?;
        Ok(keys.into_iter().map(|key| Suggestion::new(key.id.to_string(), key.name.to_string())).collect())
    }
}

async fn owners(reader: &mut Reader, actor: &Actor) -> Result<Vec<Suggestion>> {
    let mut people = reader.identity().people(actor.organization).await?;
    people.sort_by_cached_key(|(id, name)| (folded(name.as_str()), *id));
    let always = [("me", "Me"), ("none", "Nobody")].map(|(value, label)| Suggestion::new(value, label));
    Ok(always.into_iter().chain(people.into_iter().map(|(id, name)| Suggestion::new(id.to_string(), name))).collect())
}

async fn teams(reader: &mut Reader, actor: &Actor) -> Result<Vec<Suggestion>> {
    let teams = reader.organizations().teams(actor.organization).await?;
    let teams = teams.into_iter().map(|team| Suggestion::new(team.id.to_string(), team.name));
    Ok([Suggestion::new("none", "No team")].into_iter().chain(teams).collect())
}

async fn templates(reader: &mut Reader, actor: &Actor) -> Result<Vec<Suggestion>> {
    let used = reader.templates().keys(actor.organization).await?;
    let mut templates = reader.templates().list(actor.organization).await?;
    // Those that no key is by find nothing.
    templates.retain(|template| used.iter().any(|used| used.template_id == template.id));
    let templates = templates.into_iter().map(|template| Suggestion::new(template.id.to_string(), template.name));
    Ok([Suggestion::new("none", "No template")].into_iter().chain(templates).collect())
}

/// Models by the names that their providers give them, then each at its connection.
async fn models(reader: &mut Reader, actor: &Actor) -> Result<Vec<Suggestion>> {
    let models = reader.catalog().reachable(actor.organization).await?;
    let (plain, qualified): (BTreeSet<_>, BTreeSet<_>) =
        models.into_iter().map(|model| (model.upstream_id, model.qualified)).unzip();
    // A filter is a list with commas.
    let names = plain.into_iter().chain(qualified).filter(|name| !name.contains(','));
    Ok(names.map(|name| Suggestion::new(name.clone(), name)).collect())
}

async fn labels(reader: &mut Reader, actor: &Actor, typed: &str) -> Result<Vec<Suggestion>> {
    let labels = reader.keys().labels(actor.organization, typed, MOST as i64).await?;
    let suggestion = |(name, value): (String, String)| {
        let label = format!("{name}={value}");
        Suggestion::new(AllLabels(vec![Labelled { name, value: Some(value) }]).to_string(), label)
    };
    Ok(labels.into_iter().map(suggestion).collect())
}
