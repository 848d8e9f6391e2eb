//! A value that fits a JSON schema, for simple schemas: types, enums, constants, properties, items,
//! bounds, lengths, common formats, `$ref` within the document, `anyOf`, `oneOf` and `allOf`.
//! Patterns are not followed.

mod numbers;
mod text;

use serde_json::{Map, Value};

use super::seed::{Numbers, Seed};

/// How deep values nest at most, however the schema refers to itself.
const MAX_DEPTH: usize = 24;
/// From which depth on only what is required is filled in.
const SPARSE_DEPTH: usize = 4;
/// About how many bytes of JSON are made at most: references can multiply without bound.
const MAX_BYTES: usize = 64 * 1024;

/// A value that fits this schema.
pub(super) fn instance(schema: &Value, seed: &Seed) -> Value {
    let numbers = seed.derive("schema", 0).numbers();
    Maker { root: schema, numbers, room: MAX_BYTES }.make(schema, 0)
}

struct Maker<'a> {
    root: &'a Value,
    numbers: Numbers,
    room: usize,
}

impl<'a> Maker<'a> {
    fn make(&mut self, schema: &'a Value, depth: usize) -> Value {
        // Every value takes room, so that a schema that multiplies runs out of it.
        self.room = self.room.saturating_sub(8);
        if depth > MAX_DEPTH || self.room == 0 {
            return Value::Null;
        }
        let Value::Object(rules) = schema else { return self.text(&Map::new()) };
        if let Some(constant) = rules.get("const") {
            return self.keep_copy(constant);
        }
        if let Some(chosen) = rules.get("enum").and_then(Value::as_array).and_then(|all| self.numbers.pick(all)) {
            return self.keep_copy(chosen);
        }
        if let Some(target) = rules.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            return target.map_or(Value::Null, |target| self.make(target, depth + 1));
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(options) = rules.get(several).and_then(Value::as_array) {
                return option(options, depth).map_or(Value::Null, |option| self.make(option, depth + 1));
            }
        }
        match type_of(rules) {
            "object" => self.object(rules, depth),
            "array" => self.array(rules, depth),
            "string" => self.text(rules),
            "integer" => numbers::integer(rules, &mut self.numbers),
            "number" => numbers::number(rules, &mut self.numbers),
            "boolean" => Value::Bool(self.numbers.below(2) == 1),
            _ => Value::Null,
        }
    }

    fn object(&mut self, rules: &'a Map<String, Value>, depth: usize) -> Value {
        let mut made = Map::new();
        for rules in branches(rules) {
            let required = required(rules);
            for (name, schema) in rules.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if depth < SPARSE_DEPTH || required.contains(&name.as_str()) {
                    self.room = self.room.saturating_sub(name.len());
                    made.insert(name.clone(), self.make(schema, depth + 1));
                }
            }
            for name in required {
                if !made.contains_key(name) {
                    made.insert(name.to_owned(), self.make(&Value::Null, depth + 1));
                }
            }
        }
        Value::Object(made)
    }

    fn array(&mut self, rules: &'a Map<String, Value>, depth: usize) -> Value {
        let bound = |name| rules.get(name).and_then(Value::as_u64);
        let least = bound("minItems").unwrap_or(0);
        let most = bound("maxItems").unwrap_or(u64::MAX).min(least.max(2)).max(least).min(256);
        let first = rules.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let rest = rules.get("items").unwrap_or(&Value::Null);
        let unique = rules.get("uniqueItems") == Some(&Value::Bool(true));
        let sparse = depth >= SPARSE_DEPTH;
        let wanted = if sparse { least } else { most } as usize;
        let mut made = Vec::new();
        // Unique items may need some more tries; too few choices must not mean for ever.
        for _ in 0..wanted * if unique { 8 } else { 1 } {
            if made.len() >= wanted || self.room == 0 {
                break;
            }
            let item = self.make(first.get(made.len()).unwrap_or(rest), depth + 1);
            if !(unique && made.contains(&item)) {
                made.push(item);
            }
        }
        Value::Array(made)
    }

    fn text(&mut self, rules: &Map<String, Value>) -> Value {
        let text = text::sample(rules, &mut self.numbers);
        self.room = self.room.saturating_sub(text.len());
        Value::String(text)
    }

    /// A copy of a value of the schema's own, if there is room for it.
    fn keep_copy(&mut self, value: &Value) -> Value {
        let size = size(value);
        if size > self.room {
            return Value::Null;
        }
        self.room -= size;
        value.clone()
    }
}

/// These rules and those of each branch of `allOf`, which all apply.
fn branches(rules: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let all = rules.get("allOf").and_then(Value::as_array);
    std::iter::once(rules).chain(all.into_iter().flatten().filter_map(Value::as_object))
}

fn required(rules: &Map<String, Value>) -> Vec<&str> {
    let names = rules.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The first option that says something, or null where it is allowed and depth is a concern.
fn option(options: &[Value], depth: usize) -> Option<&Value> {
    let is_null = |option: &&Value| option["type"] == "null";
    let null = options.iter().find(is_null);
    let other = options.iter().find(|option| !is_null(option));
    if depth >= SPARSE_DEPTH { null.or(other) } else { other.or(null) }
}

/// The type that the rules name, or that they hint at.
fn type_of(rules: &Map<String, Value>) -> &str {
    match rules.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null").unwrap_or("null")
        }
        _ if ["properties", "required", "allOf"].iter().any(|hint| rules.contains_key(*hint)) => "object",
        _ if rules.contains_key("items") || rules.contains_key("prefixItems") => "array",
        _ if rules.contains_key("minimum") || rules.contains_key("maximum") => "number",
        _ => "string",
    }
}

/// About how many bytes of JSON a value is.
fn size(value: &Value) -> usize {
    8 + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(entries) => entries.iter().map(|(name, value)| name.len() + size(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests;
