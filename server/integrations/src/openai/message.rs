//! Views of the messages in a chat request.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::ToolCallView;
use super::lenient;

/// One message of the conversation.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct MessageView<'a> {
    /// Who speaks: `system`, `developer`, `user`, `assistant` or `tool`.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub role: Option<Cow<'a, str>>,
    /// What is said, as written; see [`MessageView::content`].
    #[serde(borrow, default)]
    pub content: Option<&'a RawValue>,
    /// The speaker's name, where several share a role.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub name: Option<Cow<'a, str>>,
    /// The call that a `tool` message answers.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub tool_call_id: Option<Cow<'a, str>>,
    /// The calls that an `assistant` message made, as written; see [`MessageView::tool_calls`].
    #[serde(borrow, default)]
    pub tool_calls: Option<&'a RawValue>,
}

impl<'a> MessageView<'a> {
    /// The content, parsed now.
    #[must_use]
    pub fn content(&self) -> ContentView<'a> {
        let Some(raw) = self.content else { return ContentView::Nothing };
        let json = raw.get();
        let parsed = match json.as_bytes().first() {
            Some(b'"') => serde_json::from_str(json).ok().map(|Text(text)| ContentView::Text(text)),
            Some(b'[') => serde_json::from_str(json).ok().map(ContentView::Parts),
            Some(b'n') => Some(ContentView::Nothing),
            _ => None,
        };
        parsed.unwrap_or(ContentView::Unknown(json))
    }

    /// The tool calls, parsed now; `None` if there are none or they are not a list of objects.
    #[must_use]
    pub fn tool_calls(&self) -> Option<Vec<ToolCallView<'a>>> {
        serde_json::from_str(self.tool_calls?.get()).ok()
    }

    /// All text of the content, parts joined by a space.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        match self.content() {
            ContentView::Text(text) => text,
            ContentView::Parts(parts) => {
                let texts: Vec<_> = parts.iter().filter_map(|part| part.text.as_deref()).collect();
                Cow::Owned(texts.join(" "))
            }
            ContentView::Nothing | ContentView::Unknown(_) => Cow::Borrowed(""),
        }
    }
}

/// The content of a message.
#[derive(Debug, Clone)]
pub enum ContentView<'a> {
    /// None, or null.
    Nothing,
    /// A plain string.
    Text(Cow<'a, str>),
    /// A list of parts.
    Parts(Vec<PartView<'a>>),
    /// Something that OpenAI's API does not describe: the JSON as written.
    Unknown(&'a str),
}

/// One part of a message's content.
#[derive(Debug, Clone, Deserialize)]
pub struct PartView<'a> {
    /// `text`, `image_url`, `input_audio`, `file`, …
    #[serde(borrow, default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<Cow<'a, str>>,
    /// The text of a text part.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    image_url: Option<&'a RawValue>,
}

impl PartView<'_> {
    /// The detail asked for if this part is an image, `None` if it is not one.
    #[must_use]
    pub fn image(&self) -> Option<ImageDetail> {
        let raw = match self.kind.as_deref() {
            Some("image_url") => self.image_url?,
            _ => return None,
        };
        let detail = serde_json::from_str::<ImageUrl<'_>>(raw.get()).ok().and_then(|url| url.detail);
        Some(match detail.as_deref() {
            Some("low") => ImageDetail::Low,
            _ => ImageDetail::High,
        })
    }
}

/// How closely the model looks at an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageDetail {
    /// One small thumbnail, at a fixed price.
    Low,
    /// In tiles; also what an absent or unknown detail is taken for, as it costs more.
    High,
}

#[derive(Deserialize)]
struct ImageUrl<'a> {
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    detail: Option<Cow<'a, str>>,
}

/// A whole JSON document that is one string, borrowed where it can be.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str) -> MessageView<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn content_is_text_parts_nothing_or_unknown() {
        let text = message(r#"{"role":"user","content":"a\tb"}"#);
        assert!(matches!(text.content(), ContentView::Text(text) if text == "a\tb"));
        let parts = message(r#"{"content":[{"type":"text","text":"hi"},{"type":"text","text":"you"}]}"#);
        assert!(matches!(parts.content(), ContentView::Parts(ref parts) if parts.len() == 2));
        assert_eq!(parts.text(), "hi you");
        for json in [r#"{"content":null}"#, "{}"] {
            assert!(matches!(message(json).content(), ContentView::Nothing), "{json}");
        }
        for json in [r#"{"content":12}"#, r#"{"content":{"a":1}}"#, r#"{"content":["bare"]}"#] {
            assert!(matches!(message(json).content(), ContentView::Unknown(_)), "{json}");
        }
    }

    #[test]
    fn a_lone_surrogate_is_unknown_content_and_no_panic() {
        let odd = message(r#"{"content":"\ud800"}"#);
        assert!(matches!(odd.content(), ContentView::Unknown(r#""\ud800""#)));
        assert_eq!(odd.text(), "");
    }

    #[test]
    fn an_image_without_a_known_detail_is_taken_for_a_dear_one() {
        let detail = |json: &str| serde_json::from_str::<PartView<'_>>(json).unwrap().image();
        let low = r#"{"type":"image_url","image_url":{"url":"data:…","detail":"low"}}"#;
        assert_eq!(detail(low), Some(ImageDetail::Low));
        for json in [
            r#"{"type":"image_url","image_url":{"url":"data:…"}}"#,
            r#"{"type":"image_url","image_url":{"url":"data:…","detail":7}}"#,
            r#"{"type":"image_url","image_url":"https://example.com/a.png"}"#,
        ] {
            assert_eq!(detail(json), Some(ImageDetail::High), "{json}");
        }
        assert_eq!(detail(r#"{"type":"text","text":"x","image_url":{}}"#), None);
    }
}
