//! The Sandbox's embeddings.

use serde_json::{Value, json};

use crate::sandbox_client::ask;

async fn embed(more: Value) -> (u16, Value) {
    let mut body = json!({"model": "sandbox/embedding"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, answer) = ask("/v1/embeddings", &body).await;
    (status.as_u16(), answer)
}

#[tokio::test]
async fn every_form_of_input_has_its_vectors_and_tokens() {
    for (input, vectors, tokens) in [
        (json!("tiktoken is great!"), 1, 6),
        (json!(["tiktoken is great!", "tiktoken is great!"]), 2, 12),
        (json!([1, 2, 3]), 1, 3),
        (json!([[1, 2], [3]]), 2, 3),
    ] {
        let (status, answer) = embed(json!({"input": input})).await;
        assert_eq!((status, &answer["object"]), (200, &json!("list")), "{input}");
        assert_eq!(answer["usage"], json!({"prompt_tokens": tokens, "total_tokens": tokens}));
        let data = answer["data"].as_array().unwrap();
        assert_eq!(data.len(), vectors);
        for (index, item) in data.iter().enumerate() {
            assert_eq!((&item["object"], &item["index"]), (&json!("embedding"), &json!(index)));
            assert_eq!(item["embedding"].as_array().unwrap().len(), 256);
        }
    }
}

#[tokio::test]
async fn length_and_encoding_are_as_asked_for() {
    let (_, answer) = embed(json!({"input": "x", "dimensions": 3})).await;
    assert_eq!(answer["data"][0]["embedding"].as_array().unwrap().len(), 3);
    let (_, answer) = embed(json!({"input": "x", "dimensions": 3, "encoding_format": "base64"})).await;
    assert_eq!(answer["data"][0]["embedding"].as_str().unwrap().len(), 16, "12 bytes in base64");
}

#[tokio::test]
async fn bad_requests_are_refused() {
    for (more, status) in [
        (json!({}), 400),
        (json!({"input": null}), 400),
        (json!({"input": ""}), 400),
        (json!({"input": []}), 400),
        (json!({"input": ["a", ""]}), 400),
        (json!({"input": {"a": 1}}), 400),
        (json!({"input": ["a", 1]}), 400),
        (json!({"input": "x", "dimensions": 0}), 400),
        (json!({"input": "x", "dimensions": 1e9}), 400),
        (json!({"input": "x", "encoding_format": "hex"}), 400),
        (json!({"input": "word ".repeat(9_000)}), 400),
        (json!({"input": vec![vec![1; 8_000]; 40]}), 400),
        (json!({"input": "x", "model": "sandbox/small"}), 404),
        (json!({"input": "x", "model": "none"}), 404),
    ] {
        let (found, answer) = embed(more).await;
        assert_eq!(found, status, "{answer}");
        assert!(answer["error"]["message"].is_string());
    }
}
