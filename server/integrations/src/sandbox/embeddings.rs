//! `POST /v1/embeddings`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::error::ApiError;
use super::models::{self, ModelKind};
use super::seed::Seed;
use super::{FAMILY, json};
use crate::openai::EmbeddingsRequestView;
use crate::tokens::{count, count_embeddings_input};

/// How long vectors are unless a request says otherwise.
const DEFAULT_DIMENSIONS: u64 = 256;
/// How long they may be.
const MAX_DIMENSIONS: u64 = 1_536;
/// How many inputs a request may have, as at OpenAI.
const MAX_INPUTS: usize = 2_048;
/// How many tokens all inputs may have together, as at OpenAI. Checked before the input is
/// collected, so that a large body cannot become much larger in memory.
const MAX_TOKENS: u64 = 300_000;

/// Turns text into vectors.
pub(super) fn embed(body: &Bytes) -> Result<Response<Body>, ApiError> {
    let request = EmbeddingsRequestView::parse(body)?;
    let id = request.model.as_deref();
    let id = id.ok_or_else(|| ApiError::invalid(Some("model"), "You must provide a model parameter."))?;
    let model = models::find(id).ok_or_else(|| ApiError::model_not_found(id))?;
    if model.kind != ModelKind::Embedding {
        return Err(ApiError::wrong_kind(model.id, "v1/embeddings"));
    }
    let dimensions = request.dimensions.unwrap_or(DEFAULT_DIMENSIONS);
    if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
        let message = format!("'dimensions' must be from 1 to {MAX_DIMENSIONS}.");
        return Err(ApiError::invalid(Some("dimensions"), message));
    }
    let base64 = match request.encoding_format.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => return Err(ApiError::invalid(Some("encoding_format"), "Use 'float' or 'base64'.")),
    };
    let (inputs, tokens) = inputs(&request, model.context_window)?;
    let data = inputs.iter().enumerate().map(|(index, input)| {
        let vector = unit_vector(input.words(), dimensions as usize);
        let embedding = if base64 { Vector::Base64(encoded(&vector)) } else { Vector::Float(vector) };
        Embedding { object: "embedding", index, embedding }
    });
    let usage = EmbeddingsUsage { prompt_tokens: tokens, total_tokens: tokens };
    let answer = Embeddings { object: "list", data: data.collect(), model: model.id, usage };
    Ok(json::response(StatusCode::OK, &answer))
}

/// The inputs, and how many tokens they are in all.
fn inputs(request: &EmbeddingsRequestView<'_>, context_window: u64) -> Result<(Vec<Input>, u64), ApiError> {
    let invalid = |message: &str| ApiError::invalid(Some("input"), message);
    let raw = request.input.ok_or_else(|| invalid("You must provide an 'input'."))?;
    let tokens = count_embeddings_input(FAMILY, raw);
    if tokens > MAX_TOKENS {
        return Err(invalid("All inputs together have too many tokens."));
    }
    let inputs = match serde_json::from_str(raw.get()) {
        Ok(Inputs::Text(text)) => vec![Input::Text(text)],
        Ok(Inputs::Texts(texts)) => texts.into_iter().map(Input::Text).collect(),
        Ok(Inputs::Ids(ids)) => vec![Input::Ids(ids)],
        Ok(Inputs::Lists(lists)) => lists.into_iter().map(Input::Ids).collect(),
        Err(_) => return Err(invalid("'input' must be a string, token ids, or a list of either.")),
    };
    if inputs.is_empty() || inputs.len() > MAX_INPUTS || inputs.iter().any(Input::is_empty) {
        return Err(invalid("'input' must have from 1 to 2048 entries, none of them empty."));
    }
    match inputs.iter().map(Input::tokens).max() {
        Some(longest) if longest > context_window => Err(ApiError::context_length(context_window, longest)),
        _ => Ok((inputs, tokens)),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Inputs {
    Text(String),
    Ids(Vec<u64>),
    Texts(Vec<String>),
    Lists(Vec<Vec<u64>>),
}

enum Input {
    Text(String),
    Ids(Vec<u64>),
}

impl Input {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Ids(ids) => ids.is_empty(),
        }
    }

    fn tokens(&self) -> u64 {
        match self {
            Self::Text(text) => count(FAMILY, text),
            Self::Ids(ids) => ids.len() as u64,
        }
    }

    /// What the vector is made of: words without regard to case, or ids.
    fn words(&self) -> Vec<String> {
        match self {
            Self::Text(text) => text
                .split(|letter: char| !letter.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect(),
            Self::Ids(ids) => ids.iter().map(u64::to_string).collect(),
        }
    }
}

/// The sum of a vector for each word, brought to length 1: so texts that share words are near.
fn unit_vector(words: Vec<String>, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; dimensions];
    for word in words.iter().map(String::as_str).chain(words.is_empty().then_some("")) {
        let mut numbers = Seed::of([word.as_bytes()]).numbers();
        for component in &mut sum {
            *component += numbers.next() as f64 / u64::MAX as f64 - 0.5;
        }
    }
    let length = sum.iter().map(|component| component * component).sum::<f64>().sqrt();
    sum.into_iter().map(|component| (component / length) as f32).collect()
}

/// The components as little-endian floats in base64, which is what OpenAI's own clients ask for.
fn encoded(vector: &[f32]) -> String {
    STANDARD.encode(vector.iter().flat_map(|component| component.to_le_bytes()).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Embeddings {
    object: &'static str,
    data: Vec<Embedding>,
    model: &'static str,
    usage: EmbeddingsUsage,
}

#[derive(Serialize)]
struct Embedding {
    object: &'static str,
    index: usize,
    embedding: Vector,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Vector {
    Float(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct EmbeddingsUsage {
    prompt_tokens: u64,
    total_tokens: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(text: &str) -> Vec<f32> {
        unit_vector(Input::Text(text.to_owned()).words(), 64)
    }

    fn similarity(one: &str, other: &str) -> f32 {
        vector(one).iter().zip(vector(other)).map(|(one, other)| one * other).sum()
    }

    #[test]
    fn vectors_have_length_one_and_repeat() {
        for text in ["hello world", "", "!!!", "日本語"] {
            let length: f32 = vector(text).iter().map(|component| component * component).sum();
            assert!((length - 1.0).abs() < 1e-4, "{text}: {length}");
            assert_eq!(vector(text), vector(text));
        }
    }

    #[test]
    fn texts_that_share_words_are_nearer() {
        let near = similarity("the toll road to Rome", "The toll road to Paris");
        assert!(near > 0.5 && near > similarity("the toll road to Rome", "quantum flapjack"));
    }

    #[test]
    fn base64_holds_the_same_floats() {
        let bytes = STANDARD.decode(encoded(&[1.0, -0.5])).unwrap();
        assert_eq!(bytes, [1.0_f32.to_le_bytes(), (-0.5_f32).to_le_bytes()].concat());
    }
}
