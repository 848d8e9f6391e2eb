//! The first call with a new key, ready to paste.

use super::made::MadeKey;
use crate::ui::Example;

/// The same call with curl and with OpenAI's two clients; none while there is no model to call.
pub(super) fn examples(key: &MadeKey) -> Vec<Example> {
    let Some(model) = key.models.first() else { return Vec::new() };
    // A model's name is a provider's: quoted as JSON it is right in all three languages.
    let model = serde_json::to_string(model).unwrap_or_default();
    let MadeKey { base_url, secret, .. } = key;
    let body = format!(r#"{{"model": {model}, "messages": [{{"role": "user", "content": "Hello!"}}]}}"#);
    let body = body.replace('\'', r"'\''");
    let curl = format!(
        "curl {base_url}/chat/completions \\\n  -H \"Authorization: Bearer {secret}\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  -d '{body}'"
    );
    let python = format!(
        "# pip install openai\nfrom openai import OpenAI\n\nclient = OpenAI(\n    base_url=\"{base_url}\",\n    \
         api_key=\"{secret}\",\n)\nanswer = client.chat.completions.create(\n    model={model},\n    \
         messages=[{{\"role\": \"user\", \"content\": \"Hello!\"}}],\n)\nprint(answer.choices[0].message.content)"
    );
    let javascript = format!(
        "// npm install openai\nimport OpenAI from \"openai\";\n\nconst client = new OpenAI({{\n  baseURL: \"{base_url}\",\n  \
         apiKey: \"{secret}\",\n}});\nconst answer = await client.chat.completions.create({{\n  model: {model},\n  \
         messages: [{{ role: \"user\", content: \"Hello!\" }}],\n}});\nconsole.log(answer.choices[0].message.content);"
    );
    vec![Example::new("curl", curl), Example::new("Python", python), Example::new("JavaScript", javascript)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(models: &[&str]) -> MadeKey {
        MadeKey {
            id: "key_1".into(),
            name: "checkout".into(),
            environment: "test".into(),
            secret: "tpk_test_s3cret".into(),
            expires: None,
            base_url: "http://localhost:8080/v1".into(),
            models: models.iter().map(|&model| model.to_owned()).collect(),
            may_connect: true,
        }
    }

    #[test]
    fn every_example_carries_address_key_and_model() {
        let examples = examples(&key(&["sandbox/small", "sandbox/large"]));
        assert_eq!(examples.len(), 3);
        for Example { code, .. } in examples {
            for part in ["http://localhost:8080/v1", "tpk_test_s3cret", "\"sandbox/small\""] {
                assert!(code.contains(part), "{part} in {code}");
            }
        }
    }

    #[test]
    fn curl_s_body_is_json_whatever_the_model_is_called() {
        let code = &examples(&key(&["it's \"new\""]))[0].code;
        let (_, body) = code.split_once("-d '").unwrap();
        let body = body.strip_suffix('\'').unwrap().replace(r"'\''", "'");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["model"], "it's \"new\"");
    }

    #[test]
    fn without_a_model_there_is_nothing_to_paste() {
        assert!(examples(&key(&[])).is_empty());
    }
}
