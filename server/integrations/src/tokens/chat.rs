//! Counting a chat prompt.

use super::{Family, count};
use crate::openai::{ChatRequestView, ContentView, ImageDetail, MessageView, PartView};

/// What an image of low detail counts, as OpenAI publishes it for its gpt-4 models.
pub const LOW_DETAIL_IMAGE_TOKENS: u64 = 85;
/// What any other image counts: 85 and four tiles of 170, which is OpenAI's rule for an image of
/// 1024 × 1024. One fixed figure, since an image's size is not known without fetching it.
pub const HIGH_DETAIL_IMAGE_TOKENS: u64 = 765;
/// What a part counts that is neither text nor image (audio, files): as much as an image.
pub const OTHER_PART_TOKENS: u64 = 765;

/// Every message costs its frame.
const PER_MESSAGE: u64 = 3;
/// A name costs its separator.
const PER_NAME: u64 = 1;
/// Every answer is primed with `<|start|>assistant<|message|>`.
const PRIMING: u64 = 3;

/// How many tokens a chat request's prompt is, by OpenAI's published counting: three a message and
/// the tokens of its values, one a name, three for priming the answer.
///
/// Tools and tool calls have no published counting; the text of their JSON is counted, which is
/// somewhat more than OpenAI's own form of them. The same goes for messages of an unknown shape.
#[must_use]
pub fn count_chat_prompt(family: Family, body: &ChatRequestView<'_>) -> u64 {
    let messages = match (body.messages(), body.messages) {
        (Some(messages), _) => messages.iter().map(|message| count_message(family, message)).sum(),
        (None, Some(raw)) => PER_MESSAGE + count(family, raw.get()),
        (None, None) => 0,
    };
    let tools = body.tools.map_or(0, |raw| count(family, raw.get()));
    let format = body.response_format.map_or(0, |raw| count(family, raw.get()));
    PRIMING + messages + tools + format
}

fn count_message(family: Family, message: &MessageView<'_>) -> u64 {
    let text = |text: &Option<_>| text.as_deref().map_or(0, |text| count(family, text));
    let name = message.name.as_ref().map_or(0, |_| PER_NAME);
    let content = match message.content() {
        ContentView::Nothing => 0,
        ContentView::Text(text) => count(family, &text),
        ContentView::Parts(parts) => parts.iter().map(|part| count_part(family, part)).sum(),
        ContentView::Unknown(json) => count(family, json),
    };
    let mut calls = 0;
    for call in message.tool_calls().iter().flatten() {
        call.each_text(&mut |text| calls += count(family, text));
    }
    PER_MESSAGE + text(&message.role) + text(&message.name) + text(&message.tool_call_id) + name + content + calls
}

fn count_part(family: Family, part: &PartView<'_>) -> u64 {
    match (part.image(), &part.text) {
        (Some(ImageDetail::Low), _) => LOW_DETAIL_IMAGE_TOKENS,
        (Some(ImageDetail::High), _) => HIGH_DETAIL_IMAGE_TOKENS,
        (None, Some(text)) => count(family, text),
        (None, None) => OTHER_PART_TOKENS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(family: Family, json: &str) -> u64 {
        count_chat_prompt(family, &ChatRequestView::parse(json.as_bytes()).unwrap())
    }

    /// The example of OpenAI's cookbook, with the counts that its API returned.
    const COOKBOOK: &str = r#"{"messages":[
        {"role":"system","content":"You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
        {"role":"system","name":"example_user","content":"New synergies will help drive top-line growth."},
        {"role":"system","name":"example_assistant","content":"Things working well together will increase revenue."},
        {"role":"system","name":"example_user","content":"Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
        {"role":"system","name":"example_assistant","content":"Let's talk later when we're less busy about how to do better."},
        {"role":"user","content":"This late pivot means we don't have time to boil the ocean for the client deliverable."}]}"#;

    #[test]
    fn agrees_with_the_counts_that_openai_returned() {
        assert_eq!(prompt(Family::Cl100k, COOKBOOK), 129);
        assert_eq!(prompt(Family::O200k, COOKBOOK), 124);
    }

    #[test]
    fn parts_count_like_their_text_and_images_by_the_fixed_rule() {
        let text = prompt(Family::O200k, r#"{"messages":[{"role":"user","content":"hello there"}]}"#);
        let parts = |parts: &str| {
            let body = format!(r#"{{"messages":[{{"role":"user","content":[{parts}]}}]}}"#);
            prompt(Family::O200k, &body)
        };
        let hello = r#"{"type":"text","text":"hello there"}"#;
        assert_eq!(parts(hello), text);
        let image =
            |detail: &str| format!(r#"{{"type":"image_url","image_url":{{"url":"data:x","detail":"{detail}"}}}}"#);
        assert_eq!(parts(&format!("{hello},{}", image("low"))), text + LOW_DETAIL_IMAGE_TOKENS);
        assert_eq!(parts(&format!("{hello},{}", image("auto"))), text + HIGH_DETAIL_IMAGE_TOKENS);
        let audio = r#"{"type":"input_audio","input_audio":{"data":"…"}}"#;
        assert_eq!(parts(&format!("{hello},{audio}")), text + OTHER_PART_TOKENS);
    }

    #[test]
    fn tools_and_tool_calls_are_not_free() {
        let plain = prompt(Family::O200k, r#"{"messages":[{"role":"user","content":"hi"}]}"#);
        let tools = r#"{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function"}]}"#;
        assert!(prompt(Family::O200k, tools) > plain);
        let called = r#"{"messages":[{"role":"user","content":"hi","tool_calls":
            [{"function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]}]}"#;
        assert!(prompt(Family::O200k, called) > plain);
    }

    #[test]
    fn messages_of_an_unknown_shape_are_counted_as_text() {
        for messages in [r#""a long string of some kind""#, "[1,2,3]", r#"{"role":"user"}"#] {
            let body = format!(r#"{{"messages":{messages}}}"#);
            assert!(prompt(Family::O200k, &body) > PRIMING + PER_MESSAGE, "{messages}");
        }
        assert_eq!(prompt(Family::O200k, "{}"), PRIMING);
    }
}
