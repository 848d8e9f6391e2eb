//! Making keys, and giving them new secrets.

use std::collections::BTreeMap;

use domain::keys::{KeyDraft, Labels, NewRules};
use serde_json::json;

use super::{client::Client, list::with_secret};
use crate::{
    cli::{CreateArgs, End, Label, Output, RotateArgs},
    commands::Failure,
};

pub(super) async fn create(client: &Client, output: Output, args: CreateArgs) -> Result<(), Failure> {
    let answer = client.post("/api/v1/keys", &draft(args)?).await?;
    with_secret(&answer, output, "is made.")
}

fn draft(args: CreateArgs) -> Result<KeyDraft, Failure> {
    // What is not given is left out, so that a template may fill it in.
    fn given<T>(list: Vec<T>) -> Option<Vec<T>> {
        (!list.is_empty()).then_some(list)
    }
    Ok(KeyDraft {
        template_id: args.template,
        name: args.name,
        description: args.description.unwrap_or_default(),
        environment: args.environment,
        owner_id: args.owner,
        team_id: args.team,
        labels: labels(args.label)?,
        expires_at: args.expires.map(|End(at)| at),
        rules: NewRules { models: given(args.model), endpoints: given(args.endpoint), ips: given(args.ip) },
        limits: None,
        budget: None,
    })
}

/// Labels by name.
///
/// # Errors
/// When one is given twice, or is none.
pub(super) fn labels(given: Vec<Label>) -> Result<Labels, Failure> {
    let mut labels = BTreeMap::new();
    for Label(name, value) in given {
        if labels.insert(name.clone(), value).is_some() {
            return Err(Failure::usage(format!("The label {name} is given twice.")));
        }
    }
    labels.try_into().map_err(|invalid: domain::Invalid| Failure::usage(invalid.message))
}

pub(super) async fn rotate(client: &Client, output: Output, args: &RotateArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/keys/{}/rotate", args.id);
    let answer = client.post(&path, &json!({"overlap": args.overlap})).await?;
    with_secret(&answer, output, &format!("has a new secret; the old one goes on for {}.", args.overlap))
}
