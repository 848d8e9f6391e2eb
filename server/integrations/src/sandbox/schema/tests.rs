use serde_json::json;

use super::*;

fn made(schema: &Value) -> Vec<Value> {
    (0..50u8).map(|seed| instance(schema, &Seed::of([&[seed][..]]))).collect()
}

#[test]
fn properties_items_and_enums_are_filled_in() {
    let schema = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 3, "maxLength": 5},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "version": {"const": 2},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
            "at": {"type": "string", "format": "date"},
            "open": {"type": "boolean"},
            "note": {"type": ["string", "null"]},
        },
        "required": ["name", "unit", "elsewhere"],
    });
    for value in made(&schema) {
        assert!((3..=5).contains(&value["name"].as_str().unwrap().len()), "{value}");
        assert!(["celsius", "fahrenheit"].contains(&value["unit"].as_str().unwrap()));
        assert_eq!((&value["version"], &value["at"]), (&json!(2), &json!("2025-01-01")));
        assert!((1..=3).contains(&value["tags"].as_array().unwrap().len()));
        assert!(value["open"].is_boolean() && value["note"].is_string() && !value["elsewhere"].is_null());
    }
}

#[test]
fn numbers_keep_their_bounds() {
    for (schema, fits) in [
        (json!({"type": "integer", "minimum": -3, "maximum": 4}), (|n| (-3.0..=4.0).contains(&n)) as fn(f64) -> bool),
        (json!({"type": "integer", "exclusiveMinimum": 0}), |n| n >= 1.0),
        (json!({"type": "integer", "maximum": -7}), |n| n <= -7.0),
        (json!({"type": "integer", "multipleOf": 5, "minimum": 7, "maximum": 21}), |n| {
            n == 10.0 || n == 15.0 || n == 20.0
        }),
        (json!({"type": "number", "minimum": 0.25, "maximum": 0.75}), |n| (0.25..=0.75).contains(&n)),
        (json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}), |n| n > 0.0 && n < 1.0),
        (json!({"type": "number", "multipleOf": 0.5, "minimum": 0.1}), |n| n >= 0.1 && (n * 2.0).fract() == 0.0),
        (json!({"type": "integer", "minimum": 1e300}), |_| true),
    ] {
        for value in made(&schema) {
            assert!(fits(value.as_f64().unwrap()), "{value} for {schema}");
            assert!(schema["type"] != "integer" || value.is_i64(), "{value} for {schema}");
        }
    }
}

#[test]
fn references_and_combinations_are_followed() {
    let schema = json!({
        "$defs": {"city": {"type": "object", "properties": {"zip": {"type": "integer"}}, "required": ["zip"]}},
        "type": "object",
        "properties": {
            "home": {"$ref": "#/$defs/city"},
            "work": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/city"}]},
            "both": {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "boolean"}}}]},
        },
    });
    for value in made(&schema) {
        assert!(value["home"]["zip"].is_i64() && value["work"]["zip"].is_i64(), "{value}");
        assert!(value["both"]["a"].is_i64() && value["both"]["b"].is_boolean(), "{value}");
    }
}

#[test]
fn unique_items_are_unique_or_fewer() {
    let two = json!({"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 2, "uniqueItems": true});
    assert!(made(&two).iter().any(|value| value == &json!([true, false]) || value == &json!([false, true])));
    let one = json!({"type": "array", "items": {"const": 1}, "minItems": 2, "uniqueItems": true});
    assert!(made(&one).iter().all(|value| value == &json!([1])));
}

#[test]
fn schemas_that_refer_to_themselves_end() {
    let list = json!({"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}});
    assert!(made(&list)[0].is_object());
    let bottomless = json!({"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]});
    assert!(made(&bottomless)[0].is_object());
    assert!(instance(&json!({"$ref": "#"}), &Seed::of([])).is_null());
}

#[test]
fn schemas_made_to_explode_stay_small() {
    let mut bomb = json!({"$defs": {}, "$ref": "#/$defs/d0"});
    for level in 0..20 {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        bomb["$defs"][format!("d{level}")] = json!({"type": "array", "items": next, "minItems": 200});
    }
    bomb["$defs"]["d20"] = json!({"const": "x".repeat(10_000)});
    assert!(instance(&bomb, &Seed::of([])).to_string().len() < 10 * MAX_BYTES);
    let long = json!({"type": "string", "minLength": u64::MAX});
    assert!(made(&long)[0].as_str().unwrap().len() <= 8_192);
    let wide = json!({"type": "array", "minItems": u64::MAX, "items": {"type": "string", "minLength": 4_000}});
    assert!(made(&wide)[0].to_string().len() < 2 * MAX_BYTES);
}

#[test]
fn odd_schemas_are_survived() {
    for schema in [
        json!(true),
        json!(null),
        json!([]),
        json!({}),
        json!({"type": 7}),
        json!({"type": []}),
        json!({"enum": []}),
        json!({"$ref": "https://example.com/x"}),
        json!({"anyOf": []}),
        json!({"items": 3}),
        json!({"required": "x"}),
        json!({"type": "array", "minItems": 5, "maxItems": 2}),
        json!({"type": "string", "minLength": 5, "maxLength": 2}),
        json!({"type": "integer", "minimum": 5, "maximum": 2, "multipleOf": 0}),
        json!({"type": "number", "multipleOf": -1}),
        json!({"type": "number", "minimum": 1e308, "maximum": 1.7e308}),
        json!({"properties": {"a": 1}}),
    ] {
        made(&schema);
    }
}
