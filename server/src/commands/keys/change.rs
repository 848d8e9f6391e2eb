//! Switching keys on and off, and ending them, one by one.

use domain::KeyId;
use serde_json::json;

use super::{
    client::Client,
    list::table,
    output::{confirm, note, print},
};
use crate::{
    cli::{Output, RevokeArgs},
    commands::{Failure, fail},
};

pub(super) async fn revoke(client: &Client, output: Output, args: &RevokeArgs) -> Result<(), Failure> {
    let ids = &args.keys.ids;
    let these = if ids.len() == 1 { ids[0].to_string() } else { format!("{} keys", ids.len()) };
    confirm(&format!("Revoke {these} for good?"), args.yes)?;
    each(client, output, ids, "revoke").await
}

/// Does it to each of the keys. One that is refused keeps none of the others from it.
pub(super) async fn each(client: &Client, output: Output, ids: &[KeyId], verb: &str) -> Result<(), Failure> {
    let (mut keys, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        match client.post(&format!("/api/v1/keys/{id}/{verb}"), &json!({})).await {
            Ok(answer) if output == Output::Json => print(&format!("{}\n", answer.text)),
            Ok(answer) => keys.push(answer.read()?),
            Err(failure) => refused.push((id, failure)),
        }
    }
    if !keys.is_empty() {
        table(&keys, output).print(output);
    }
    match refused.as_slice() {
        [] => Ok(()),
        [(id, only)] if ids.len() == 1 => Err(fail(format!("{id}: {only}"))),
        several => {
            several.iter().for_each(|(id, why)| note(format!("{id}: {why}")));
            Err(fail(format!("{} of {} keys were refused.", several.len(), ids.len())))
        }
    }
}
