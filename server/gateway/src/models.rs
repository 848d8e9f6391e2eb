//! The list of models, in OpenAI's form.

use domain::{ErrorCode, Timestamp};
use http::{Response, StatusCode};
use integrations::openai::{ModelList, ModelObject};
use store::keys::KeySnapshot;

use crate::{
    admit,
    core::Core,
    respond::{Body, Refusal, json},
    snapshot::Target,
};

/// The models that the key can call.
pub(crate) fn list(core: &Core, key: &KeySnapshot, now: Timestamp) -> Result<Response<Body>, Refusal> {
    let catalog = core.watch.catalog.load();
    let reachable = catalog.reachable(key.organization, key.environment, now);
    let allowed = reachable.filter(|(_, t)| key.rules.allow_model(&t.upstream_id, &t.qualified).is_ok());
    let list: ModelList<'_> = allowed.map(|(name, target)| describe(name, target)).collect();
    respond(&list)
}

/// One model, by a name it can be called by.
pub(crate) fn show(core: &Core, key: &KeySnapshot, name: &str, now: Timestamp) -> Result<Response<Body>, Refusal> {
    let name = percent_decoded(name);
    let catalog = core.watch.catalog.load();
    let choice = catalog.choose(&name, key.organization, key.environment, now)?;
    admit::check_model(key, &choice.target)?;
    respond(&describe(name, &choice.target))
}

fn describe(name: String, target: &Target) -> ModelObject<'_> {
    let created = target.model.uuid().get_timestamp().map_or(0, |at| at.to_unix().0);
    ModelObject::new(name, i64::try_from(created).unwrap_or(0), target.connection.name.as_str())
}

fn respond(body: &impl serde::Serialize) -> Result<Response<Body>, Refusal> {
    let body = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "the list of models could not be written as JSON");
        Refusal::new(ErrorCode::Internal, "The models can't be listed.")
    })?;
    Ok(json(StatusCode::OK, body))
}

/// Clients write the slash of a name as it is, or encoded. What is not an encoding stays.
fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%').then(|| after.get(..2)).flatten();
        let code = code.filter(|code| code.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        out.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn names_in_paths_are_decoded() {
        for (text, name) in
            [("a/b", "a/b"), ("a%2Fb%2fc", "a/b/c"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%C3%BC", "ü")]
        {
            assert_eq!(percent_decoded(text), name);
        }
    }
}
