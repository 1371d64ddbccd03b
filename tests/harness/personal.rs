//! The search for personal data where none may be: events, subjects, headers, log lines, the stream's files.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::events::Log;
use crate::names::Person;
use crate::pair::Pair;

/// What is searched for. Names that are words of their own (such as a city) would be found by chance, so only
/// long and unlikely texts are taken.
pub fn traces_of(person: &Person) -> Vec<String> {
    [&person.email, &person.phone, &person.address].into_iter().filter(|text| !text.is_empty()).cloned().collect()
}

/// Looks through everything that leaves the services.
pub fn absent_everywhere(pair: &Pair, logs: [&Log; 2], texts: &[String]) -> Result<()> {
    let forms: Vec<(String, &String)> = texts.iter().flat_map(|text| written(text).map(|form| (form, text))).collect();
    for event in logs.iter().flat_map(|log| &log.events) {
        absent(&event.line, &forms, "an event")?;
    }
    for line in pair.lines() {
        absent(&line, &forms, "a log line")?;
    }
    if let Some(nats) = &pair.nats {
        files_are_free_of(&nats.store(), &forms)?;
    }
    Ok(())
}

/// As typed, with other signs than ASCII escaped in JSON, and as a form sends it.
fn written(text: &str) -> [String; 3] {
    let escaped = text.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    [text.to_owned(), escaped.collect(), crate::api::encoded(text)]
}

fn absent(where_to_look: &str, forms: &[(String, &String)], what: &str) -> Result<()> {
    for (form, text) in forms {
        ensure!(!where_to_look.contains(form.as_str()), "{what} holds the personal {text:?}: {where_to_look}");
    }
    Ok(())
}

fn files_are_free_of(folder: &Path, forms: &[(String, &String)]) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_are_free_of(&path, forms)?;
            continue;
        }
        // Files of a running server come and go.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for (form, personal) in forms {
            ensure!(!text.contains(form.as_str()), "{} holds the personal {personal:?}", path.display());
        }
    }
    Ok(())
}
