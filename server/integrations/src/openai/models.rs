//! The list of models.

use std::borrow::Cow;

use serde::Serialize;

/// `GET /models`.
#[derive(Debug, Clone, Serialize)]
pub struct ModelList<'a> {
    object: &'static str,
    data: Vec<ModelObject<'a>>,
}

impl<'a> FromIterator<ModelObject<'a>> for ModelList<'a> {
    fn from_iter<I: IntoIterator<Item = ModelObject<'a>>>(models: I) -> Self {
        Self { object: "list", data: models.into_iter().collect() }
    }
}

/// `GET /models/{id}`, and each entry of the list.
#[derive(Debug, Clone, Serialize)]
pub struct ModelObject<'a> {
    id: Cow<'a, str>,
    object: &'static str,
    created: i64,
    owned_by: Cow<'a, str>,
}

impl<'a> ModelObject<'a> {
    /// A model as OpenAI describes one; `created` is in unix seconds.
    pub fn new(id: impl Into<Cow<'a, str>>, created: i64, owned_by: impl Into<Cow<'a, str>>) -> Self {
        Self { id: id.into(), object: "model", created, owned_by: owned_by.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_openai_writes_it() {
        let list: ModelList<'_> = [ModelObject::new("m", 5, "us")].into_iter().collect();
        assert_eq!(
            serde_json::to_string(&list).unwrap(),
            r#"{"object":"list","data":[{"id":"m","object":"model","created":5,"owned_by":"us"}]}"#
        );
    }
}
