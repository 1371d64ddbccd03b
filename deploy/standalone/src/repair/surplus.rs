//! Messages that only the stream has, saved as lines of JSON.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_store::bus::Bus;
use event_store::log::Log;
use event_store::relay::Stored;
use event_store::relay::survey::{Verdict, Walk};
use serde_json::{Map, Value, json};

/// Files of one stream that a folder may hold.
const MAX_FILES: u32 = 10_000;

/// A saved file.
pub struct Saved {
    pub messages: u64,
    pub path: PathBuf,
}

/// Writes each message that is no event of the log to a new file and syncs it; `None` when there is no such message.
pub async fn save(log: &Log, bus: &Bus, folder: &Path) -> anyhow::Result<Option<Saved>> {
    let mut file: Option<(PathBuf, BufWriter<File>)> = None;
    let mut messages = 0;
    let mut walk = Walk::begin(log, bus).await?;
    while let Some((message, verdict)) = walk.next().await? {
        if verdict == Verdict::Event {
            continue;
        }
        let (path, writer) = match &mut file {
            Some(open) => open,
            None => file.insert(new_file(folder, &log.identity().stream_name())?),
        };
        writeln!(writer, "{}", line(&message)).with_context(|| format!("cannot write {}", path.display()))?;
        messages += 1;
    }
    let Some((path, writer)) = file else { return Ok(None) };
    let written = writer.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|file| file.sync_all());
    // The file's name must be synced too.
    let named = written.and_then(|()| File::open(folder)?.sync_all());
    named.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(Saved { messages, path }))
}

/// Creates a new file, readable by its owner alone.
fn new_file(folder: &Path, stream: &str) -> anyhow::Result<(PathBuf, BufWriter<File>)> {
    for number in 1..=MAX_FILES {
        let path = folder.join(format!("{}-not-in-the-log-{number}.ndjson", stream.to_lowercase()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => return Ok((path, BufWriter::new(file))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
        }
    }
    anyhow::bail!("{} holds too many files of stream {stream}; move them away", folder.display())
}

fn line(stored: &Stored) -> Value {
    let mut headers = Map::new();
    for (name, values) in stored.message.headers.iter().flat_map(|headers| headers.iter()) {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        headers.insert(name.to_string(), json!(values));
    }
    let data = std::str::from_utf8(&stored.message.payload);
    let (name, data) = match data {
        Ok(text) => ("data", text.to_owned()),
        Err(_) => ("data_base64", STANDARD.encode(&stored.message.payload)),
    };
    json!({
        "sequence": stored.sequence,
        "subject": stored.message.subject.as_str(),
        "headers": headers,
        name: data,
    })
}
