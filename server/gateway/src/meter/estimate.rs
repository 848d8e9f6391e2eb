//! Counting what a provider does not report, with a known model family's tokenizer.

use domain::usage::Endpoint;
use integrations::{
    openai::{ChatRequestView, EmbeddingsRequestView, MessageView},
    tokens::{self, Family},
};

use crate::intake::Question;

/// How much generated text is kept before it is counted. Most streams end below it with the
/// provider's own figure, and then nothing has to be counted at all.
const KEPT: usize = 64 << 10;

/// Generated text, as far as it was seen.
#[derive(Debug, Default)]
pub(crate) struct Generated {
    text: String,
    counted: u64,
}

impl Generated {
    /// Adds a piece.
    pub(crate) fn push(&mut self, family: Family, piece: &str) {
        if self.text.len() + piece.len() > KEPT {
            self.counted += tokens::count(family, &self.text);
            self.text.clear();
        }
        self.text.push_str(piece);
    }

    /// How many tokens there were in all.
    pub(crate) fn tokens(&self, family: Family) -> u64 {
        self.counted + tokens::count(family, &self.text)
    }
}

/// How many tokens the request's input is.
pub(crate) fn input(family: Family, endpoint: Endpoint, request: &[u8]) -> u64 {
    match endpoint {
        Endpoint::ChatCompletions => {
            ChatRequestView::parse(request).map_or(0, |view| tokens::count_chat_prompt(family, &view))
        }
        Endpoint::Embeddings => EmbeddingsRequestView::parse(request)
            .ok()
            .and_then(|view| view.input)
            .map_or(0, |input| tokens::count_embeddings_input(family, input)),
    }
}

/// About how many tokens the request's input is: four bytes of text each, images and all else at
/// nothing. For calls that the client left before anything came back: whether any of it was used
/// is a guess already, and whoever sends much and leaves at once should not make us count it all.
pub(crate) fn rough_input(endpoint: Endpoint, request: &[u8]) -> u64 {
    Question::read(request).map_or(0, |question| rough(endpoint, &question))
}

/// The same of a request that was read.
pub(crate) fn rough(endpoint: Endpoint, question: &Question<'_>) -> u64 {
    let bytes = match endpoint {
        Endpoint::ChatCompletions => question
            .messages()
            .and_then(|messages| serde_json::from_str::<Vec<MessageView<'_>>>(messages.get()).ok())
            .map_or(0, |messages| messages.iter().map(|message| message.text().len()).sum()),
        Endpoint::Embeddings => question.input().map_or(0, |input| input.get().len()),
    };
    (bytes as u64).div_ceil(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_in_parts_is_counting_all() {
        let mut generated = Generated::default();
        let words = 40_000;
        for _ in 0..words {
            generated.push(Family::O200k, " word");
            assert!(generated.text.len() <= KEPT);
        }
        assert_eq!(generated.tokens(Family::O200k), words);
    }

    #[test]
    fn both_endpoints_input_is_counted() {
        let chat = br#"{"messages":[{"role":"user","content":"hi"}]}"#;
        assert!(input(Family::O200k, Endpoint::ChatCompletions, chat) > 1);
        assert_eq!(input(Family::O200k, Endpoint::Embeddings, br#"{"input":[1,2,3]}"#), 3);
        assert_eq!(input(Family::O200k, Endpoint::Embeddings, b"{}"), 0);
        let image = r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAA"}}"#;
        let parts = format!(r#"{{"model":"a","messages":[{{"content":[{{"type":"text","text":"12345"}},{image}]}}]}}"#);
        assert_eq!(rough_input(Endpoint::ChatCompletions, parts.as_bytes()), 2);
        assert_eq!(rough_input(Endpoint::Embeddings, br#"{"model":"a","input":"123456"}"#), 2);
    }
}
