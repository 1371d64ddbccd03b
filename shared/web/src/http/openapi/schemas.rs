use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::plain::plain;

/// Where references to schemas lead.
pub(super) const SHOWN: &str = "#/components/schemas/";
/// Where references to the schemas of requests lead until both kinds are together.
const GIVEN: &str = "#/components/given/";

/// The schemas of requests and those of responses. The same type can differ: a response has every member.
pub(super) struct Schemas {
    pub(super) given: SchemaGenerator,
    pub(super) shown: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = |path: &str| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = path.trim_start_matches('#').trim_end_matches('/').to_owned().into();
            settings.meta_schema = None;
            settings
        };
        Self {
            given: settings(GIVEN).for_deserialize().into_generator(),
            shown: settings(SHOWN).for_serialize().into_generator(),
        }
    }

    /// Whether a response with this schema has a version, which is its entity tag.
    pub(super) fn is_versioned(&self, schema: &Value) -> bool {
        let name = schema["$ref"].as_str().and_then(|path| path.strip_prefix(SHOWN));
        let definition = name.and_then(|name| self.shown.definitions().get(name));
        definition.is_some_and(|definition| definition["properties"].get("version").is_some())
    }

    /// All of them by name, and the names that mean another schema in requests.
    pub(super) fn into_components(mut self) -> (Map<String, Value>, BTreeSet<String>) {
        let mut given = self.given.take_definitions(true);
        let mut shown = self.shown.take_definitions(true);
        given.values_mut().for_each(|schema| plain(schema, true));
        shown.values_mut().for_each(|schema| plain(schema, false));
        let differing = differing(&given, &shown);
        for (name, schema) in given {
            shown.insert(given_name(&name, &differing), schema);
        }
        (shown, differing)
    }
}

/// The names that mean one schema in requests and another in responses.
fn differing(given: &Map<String, Value>, shown: &Map<String, Value>) -> BTreeSet<String> {
    let shared: Vec<(&String, String)> = given
        .iter()
        .filter(|(name, _)| shown.contains_key(*name))
        .map(|(name, schema)| (name, schema.to_string()))
        .collect();
    let mut differing = BTreeSet::new();
    loop {
        let known = differing.len();
        for (name, text) in &shared {
            let refers = differing.iter().any(|other| text.contains(&format!("\"{GIVEN}{other}\"")));
            if refers || shown.get(*name).map(Value::to_string) != Some(text.replace(GIVEN, SHOWN)) {
                differing.insert((*name).clone());
            }
        }
        if differing.len() == known {
            return differing;
        }
    }
}

fn given_name(name: &str, differing: &BTreeSet<String>) -> String {
    if differing.contains(name) { format!("{name}Given") } else { name.to_owned() }
}

/// Turns references to schemas of requests into such to their names in the document.
pub(super) fn resolve(node: &mut Value, differing: &BTreeSet<String>) {
    match node {
        Value::Object(members) => {
            if let Some(Value::String(path)) = members.get_mut("$ref")
                && let Some(name) = path.strip_prefix(GIVEN)
            {
                *path = format!("{SHOWN}{}", given_name(name, differing));
            }
            members.values_mut().for_each(|member| resolve(member, differing));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, differing)),
        _ => {}
    }
}
