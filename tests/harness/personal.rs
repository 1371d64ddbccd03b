//! Searches for personal data where none may be: events, subjects, headers, logs, the stream's files.

use std::path::Path;

use aho_corasick::AhoCorasick;
use anyhow::{Result, ensure};

use crate::events::Log;
use crate::names::Person;
use crate::pair::Pair;

/// Encodings of a text.
const FORMS: usize = 3;

/// The searched texts of a person. Short texts and common words (such as a city) would match by chance, so only long
/// and unlikely ones are used.
pub fn traces_of(person: &Person) -> Vec<String> {
    [&person.email, &person.phone, &person.address].into_iter().filter(|text| !text.is_empty()).cloned().collect()
}

/// Searches everything that leaves the services.
pub fn absent_everywhere(pair: &Pair, logs: [&Log; 2], texts: &[String]) -> Result<()> {
    let traces = Traces::new(texts)?;
    for event in logs.iter().flat_map(|log| &log.events) {
        traces.absent(event.line.as_bytes(), &format!("the event {}", event.line))?;
    }
    for line in pair.lines() {
        traces.absent(line.as_bytes(), &format!("the log line {line}"))?;
    }
    if let Some(nats) = &pair.nats {
        traces.absent_in_files(&nats.store())?;
    }
    Ok(())
}

/// All texts in all encodings, which are many, found in one pass.
struct Traces<'a> {
    texts: &'a [String],
    forms: AhoCorasick,
}

impl<'a> Traces<'a> {
    fn new(texts: &'a [String]) -> Result<Self> {
        Ok(Self { texts, forms: AhoCorasick::new(texts.iter().flat_map(|text| written(text)))? })
    }

    fn absent(&self, bytes: &[u8], place: &str) -> Result<()> {
        let found = self.forms.find(bytes).map(|found| &self.texts[found.pattern().as_usize() / FORMS]);
        ensure!(found.is_none(), "the personal {found:?} is in {place}");
        Ok(())
    }

    fn absent_in_files(&self, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.absent_in_files(&path)?;
            } else if let Ok(bytes) = std::fs::read(&path) {
                // A running server creates and removes files meanwhile.
                self.absent(&bytes, &path.display().to_string())?;
            }
        }
        Ok(())
    }
}

/// As typed, with non-ASCII characters escaped in JSON, and as a form sends it.
fn written(text: &str) -> [String; FORMS] {
    let escaped = text.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    [text.to_owned(), escaped.collect(), crate::api::encoded(text)]
}
