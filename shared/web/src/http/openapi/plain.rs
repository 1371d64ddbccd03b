use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Writes a schema in the form that generators of other makers understand: words as plain enums, and no default that is null. In a
/// request, a member whose default is not allowed must be sent; in a response, defaults mean nothing and members may be added.
pub(super) fn plain(node: &mut Value, is_given: bool) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(|item| plain(item, is_given)),
        Value::Object(members) => {
            plain_enum(members);
            if is_given {
                require(members);
            }
            drop_default(members, is_given);
            if !is_given && members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.remove("additionalProperties");
            }
            members.values_mut().for_each(|member| plain(member, is_given));
        }
        _ => {}
    }
}

/// The required members of a schema.
pub(super) fn required_members(schema: &Value) -> Vec<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Turns alternatives of single words into an enum. New words may come.
fn plain_enum(members: &mut Map<String, Value>) {
    if let Some(word) = members.get("const").filter(|word| word.is_string()).cloned() {
        members.remove("const");
        members.insert("enum".to_owned(), vec![word].into());
    } else if let Some((words, meanings)) = members.get("oneOf").and_then(Value::as_array).and_then(|some| words(some))
    {
        members.remove("oneOf");
        let own = members.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = format!("{own}{meanings}").trim_start().to_owned();
        members.insert("description".to_owned(), description.into());
        members.insert("type".to_owned(), "string".into());
        members.insert("enum".to_owned(), words.into());
    }
    if members.get("type").is_some_and(|kind| kind == "string")
        && let Some(words) = members.get("enum").filter(|words| words.is_array()).cloned()
    {
        members.insert("x-extensible-enum".to_owned(), words);
    }
}

/// The words of alternatives, and what each means; `None` if there are others.
fn words(alternatives: &[Value]) -> Option<(Vec<Value>, String)> {
    let (mut words, mut meanings) = (Vec::new(), String::new());
    for one in alternatives {
        let of_one = one.get("const").map(std::slice::from_ref).or(one["enum"].as_array().map(Vec::as_slice))?;
        let all_texts = of_one.iter().all(Value::is_string);
        words.extend_from_slice(Some(of_one).filter(|_| all_texts)?);
        if let (Some(word), Some(meaning)) = (of_one[0].as_str(), one["description"].as_str()) {
            meanings.extend(["\n- `", word, "`: ", meaning]);
        }
    }
    Some((words, meanings))
}

fn require(members: &mut Map<String, Value>) {
    let Some(properties) = members.get("properties").and_then(Value::as_object) else { return };
    let already = members.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let demanded = properties.iter().filter(|(_, schema)| is_demanded(schema)).map(|(name, _)| name.as_str());
    let demanded: BTreeSet<String> = already.chain(demanded).map(str::to_owned).collect();
    if !demanded.is_empty() {
        members.insert("required".to_owned(), json!(demanded));
    }
}

/// Whether the default is none that the schema allows.
fn is_demanded(schema: &Value) -> bool {
    match schema.get("default") {
        // The default of some types cannot be written down.
        None | Some(Value::Null) => !may_be_null(schema),
        Some(Value::String(text)) => text.is_empty() && schema["minLength"].as_u64().is_some_and(|least| least > 0),
        _ => false,
    }
}

fn may_be_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let of_type = |schema: &Value| {
        is_null(&schema["type"]) || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(is_null))
    };
    let is_known = ["type", "$ref", "anyOf", "oneOf", "enum"].iter().any(|name| schema.get(name).is_some());
    let alternatives = ["anyOf", "oneOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
    !is_known || of_type(schema) || alternatives.into_iter().any(of_type)
}

fn drop_default(members: &mut Map<String, Value>, is_given: bool) {
    let kinds = ["type", "$ref", "anyOf", "oneOf"];
    // A member can have the name too.
    let is_schema = kinds.iter().any(|name| members.get(*name).is_some_and(|kind| !kind.is_object()));
    let is_null = members.get("default").is_some_and(Value::is_null);
    let is_empty = members.get("default").is_some_and(|default| default == "") && members.contains_key("minLength");
    if is_schema && (!is_given || is_null || is_empty) {
        members.remove("default");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_of(mut schema: Value, is_given: bool) -> Value {
        plain(&mut schema, is_given);
        schema
    }

    #[test]
    fn words_are_a_plain_enum_and_say_what_each_means() {
        let schema = json!({ "description": "When.", "oneOf": [
            { "const": "now", "type": "string", "description": "At once." }, { "enum": ["later", "never"], "type": "string" },
        ] });
        let words = json!(["now", "later", "never"]);
        let expected = json!({ "description": "When.\n- `now`: At once.", "type": "string", "enum": words, "x-extensible-enum": words });
        assert_eq!(plain_of(schema, false), expected);
    }

    #[test]
    fn alternatives_that_are_no_words_stay() {
        let schema = json!({ "oneOf": [{ "const": "all", "type": "string" }, { "type": "object" }] });
        assert_eq!(plain_of(schema, false)["oneOf"][1], json!({ "type": "object" }));
    }

    #[test]
    fn a_request_requires_what_has_a_default_that_is_not_allowed() {
        let schema = json!({ "type": "object", "additionalProperties": false, "properties": {
            "name": { "type": "string", "default": null },
            "note": { "type": ["string", "null"], "default": null },
            "cap": { "anyOf": [{ "$ref": "#/Cap" }, { "type": "null" }], "default": null },
            "text": { "type": "string", "default": "" },
            "word": { "type": "string", "default": "", "minLength": 1 },
        } });
        let found = plain_of(schema.clone(), true);
        assert_eq!(required_members(&found), ["name", "word"]);
        assert_eq!(found["properties"]["text"]["default"], "");
        let shown = plain_of(schema, false);
        assert_eq!(shown.get("additionalProperties"), None);
        assert!(!shown.to_string().contains("default") && required_members(&shown).is_empty());
    }
}
