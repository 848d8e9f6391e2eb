//! The processes that serve calls from the same database.

use domain::NodeId;
use serde_json::json;
use store::{
    Db,
    nodes::{Node, Retirement},
};

use super::{Failure, fail, say};
use crate::{cli::NodesArgs, config::Config, open};

pub(super) async fn run(config: &Config, args: &NodesArgs) -> Result<(), Failure> {
    let installation = open::open(config).await.map_err(fail)?;
    let db = installation.db;
    if let Some(node) = args.retire {
        retire(&db, node).await?;
    }
    let nodes = db.read().await.map_err(fail)?.nodes().list().await.map_err(fail)?;
    db.close().await;
    match args.json {
        true => say(json!({"nodes": nodes.iter().map(as_json).collect::<Vec<_>>()})),
        false if nodes.is_empty() => say("No node serves calls from this database."),
        false => nodes.iter().for_each(|node| say(line(node))),
    }
    Ok(())
}

async fn retire(db: &Db, id: NodeId) -> Result<(), Failure> {
    let mut tx = db.begin().await.map_err(fail)?;
    let outcome = tx.nodes().retire(id).await.map_err(fail)?;
    tx.commit().await.map_err(fail)?;
    match outcome {
        Retirement::Retired(leased) => {
            say(format!("{id} is retired; {leased} that was leased to it is free."));
            Ok(())
        }
        Retirement::Unknown => Err(fail(format!("There is no node {id}. `turnpike nodes` lists them."))),
        Retirement::TooEarly => Err(fail(format!(
            "{id} was seen so lately that it may still give out what is leased to it. `turnpike nodes` says until when."
        ))),
    }
}

fn as_json(node: &Node) -> serde_json::Value {
    let Node { id, name, started_at, seen_at, deadline, vanished, leased } = node;
    json!({"id": id, "name": name, "started_at": started_at, "seen_at": seen_at, "deadline": deadline,
        "vanished": vanished, "leased": leased})
}

fn line(node: &Node) -> String {
    let Node { id, name, started_at, seen_at, deadline, vanished, leased } = node;
    let state = match vanished {
        true => format!("vanished: it was last seen at {seen_at}, and can be retired"),
        false => format!("seen at {seen_at}; gives out what is leased to it until {deadline}"),
    };
    format!("{id}  {name}  since {started_at}  leased {leased}  {state}")
}
