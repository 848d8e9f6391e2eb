//! Calling tools.

use serde::Deserialize;
use serde_json::Value;

use crate::openai::{ChatRequestView, MessageView};
use crate::sandbox::error::ApiError;
use crate::sandbox::schema;
use crate::sandbox::seed::Seed;

use super::prose::last_user_text;

/// A call of a tool.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: String,
}

/// The call to make, if one is to be made: when `tool_choice` demands it, or when the last user
/// message mentions a tool by name and no tool has answered it yet.
pub(super) fn call(
    request: &ChatRequestView<'_>,
    messages: &[MessageView<'_>],
    seed: &Seed,
) -> Result<Option<Call>, ApiError> {
    let Some(raw) = request.tools else { return Ok(None) };
    let tools: Vec<Tool> = serde_json::from_str(raw.get())
        .map_err(|_| ApiError::invalid(Some("tools"), "'tools' must be a list of functions with names."))?;
    let wish = request.tool_choice.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
    let wish = wish.unwrap_or(Value::Null);
    let chosen = match (&wish, wish.pointer("/function/name").and_then(Value::as_str)) {
        (_, Some(name)) => Some(
            tools
                .iter()
                .find(|tool| tool.function.name == name)
                .ok_or_else(|| ApiError::invalid(Some("tool_choice"), "The tool to choose is not among 'tools'."))?,
        ),
        (Value::String(wish), _) if wish == "none" => None,
        (Value::String(wish), _) if wish == "required" => mentioned(&tools, messages).or(tools.first()),
        _ if answered(messages) => None,
        _ => mentioned(&tools, messages),
    };
    Ok(chosen.map(|tool| tool.call(seed)))
}

fn mentioned<'t>(tools: &'t [Tool], messages: &[MessageView<'_>]) -> Option<&'t Tool> {
    let text = last_user_text(messages).to_lowercase();
    tools.iter().find(|tool| {
        let name = tool.function.name.to_lowercase();
        !name.is_empty() && (text.contains(&name) || text.contains(&name.replace('_', " ")))
    })
}

/// Whether a tool spoke last: calling it again would go round in circles.
fn answered(messages: &[MessageView<'_>]) -> bool {
    messages.last().is_some_and(|message| message.role.as_deref() == Some("tool"))
}

#[derive(Debug, Deserialize)]
struct Tool {
    function: Function,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    parameters: Value,
}

impl Tool {
    fn call(&self, seed: &Seed) -> Call {
        let seed = seed.derive("tool", 0);
        let arguments = match &self.function.parameters {
            Value::Object(schema) if !schema.is_empty() => schema::instance(&self.function.parameters, &seed),
            _ => Value::Object(serde_json::Map::new()),
        };
        Call { id: format!("call_{}", seed.hex()), name: self.function.name.clone(), arguments: arguments.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOLS: &str = r#""tools":[
        {"type":"function","function":{"name":"get_time"}},
        {"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
            "properties":{"city":{"type":"string"}},"required":["city"]}}}]"#;

    fn called(rest: &str, last: &str) -> Result<Option<Call>, ApiError> {
        let body = format!(r#"{{{TOOLS},{rest}"messages":[{{"role":"user","content":"x"}},{last}]}}"#);
        let request = ChatRequestView::parse(body.as_bytes()).unwrap();
        call(&request, &request.messages().unwrap(), &Seed::of([body.as_bytes()]))
    }

    fn name(rest: &str, last: &str) -> Option<String> {
        called(rest, last).unwrap().map(|call| call.name)
    }

    const HELLO: &str = r#"{"role":"user","content":"hello"}"#;
    const WEATHER: &str = r#"{"role":"user","content":"Please Get Weather for Rome"}"#;

    #[test]
    fn a_tool_is_called_when_mentioned_or_demanded() {
        assert_eq!(name("", HELLO), None);
        assert_eq!(name("", WEATHER).as_deref(), Some("get_weather"));
        assert_eq!(name(r#""tool_choice":"auto","#, HELLO), None);
        assert_eq!(name(r#""tool_choice":"required","#, HELLO).as_deref(), Some("get_time"));
        assert_eq!(name(r#""tool_choice":"required","#, WEATHER).as_deref(), Some("get_weather"));
        assert_eq!(name(r#""tool_choice":"none","#, WEATHER), None);
        let named = r#""tool_choice":{"type":"function","function":{"name":"get_weather"}},"#;
        assert_eq!(name(named, HELLO).as_deref(), Some("get_weather"));
    }

    #[test]
    fn a_tool_that_answered_is_not_called_again() {
        let answer = format!(r#"{WEATHER},{{"role":"tool","tool_call_id":"c","content":"sunny"}}"#);
        assert_eq!(name("", &answer), None);
    }

    #[test]
    fn arguments_are_an_object_that_fits_the_schema() {
        let arguments = |last: &str| called("", last).unwrap().unwrap().arguments;
        let weather: Value = serde_json::from_str(&arguments(WEATHER)).unwrap();
        assert!(weather["city"].is_string());
        assert_eq!(arguments(r#"{"role":"user","content":"get_time"}"#), "{}");
    }

    #[test]
    fn demands_that_cannot_be_met_are_refused() {
        assert!(called(r#""tool_choice":{"type":"function","function":{"name":"nope"}},"#, HELLO).is_err());
        let request = ChatRequestView::parse(br#"{"tools":[{"type":"function"}]}"#).unwrap();
        assert!(call(&request, &[], &Seed::of([])).is_err());
    }
}
