//! Proof that the log is whole: positions dense, versions dense in every stream, every hash right, the heads true.
//! Reads the log once, in pages; what it remembers is one version for each stream.

use std::collections::HashMap;

use super::event::START_HASH;
use super::reader::Log;
use crate::sql::{Sql, SqlError};

/// Events read at a time.
const PAGE: usize = 1_000;

static STREAM_HEADS: Sql = Sql::new("SELECT stream, version FROM stream_heads ORDER BY stream");

/// What was checked, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Events read.
    pub events: u64,
    /// Streams seen.
    pub streams: u64,
    /// Each thing that is wrong, in plain words, at most [`MAX_FAULTS`].
    pub faults: Vec<String>,
}

/// Most faults that are listed.
pub const MAX_FAULTS: usize = 100;

impl Report {
    /// Notes a fault, as long as there is room for it.
    pub fn fault(&mut self, text: String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(text);
        }
    }
}

/// Checks the whole log; `progress` is told the position reached, page by page.
pub async fn verify(log: &Log, mut progress: impl FnMut(u64)) -> Result<Report, SqlError> {
    let head = log.head().await?;
    let mut report = Report::default();
    let mut versions: HashMap<String, u64> = HashMap::new();
    let mut hash = START_HASH.to_owned();
    while report.events < head.position {
        let page = log.read_after(report.events, PAGE).await?;
        if page.is_empty() {
            report.fault(format!("the log ends at position {}, its head says {}", report.events, head.position));
            break;
        }
        for event in page.into_iter().take_while(|event| event.position <= head.position) {
            let expected = report.events + 1;
            if event.position != expected {
                report.fault(format!("position {} follows {}", event.position, report.events));
            }
            report.events = event.position;
            let version = versions.entry(event.stream.clone()).or_insert(0);
            *version += 1;
            if event.version != *version {
                report.fault(format!("position {}: version {}, expected {version}", event.position, event.version));
                *version = event.version;
            }
            if event.chain(&hash, log.identity()) != event.hash {
                report.fault(format!("position {}: the hash does not fit the history", event.position));
            }
            hash = event.hash;
            if report.events == head.position {
                break;
            }
        }
        progress(report.events);
    }
    if hash != head.hash {
        report.fault("the head's hash is not that of the last event".to_owned());
    }
    report.streams = u64::try_from(versions.len()).unwrap_or(u64::MAX);
    // While appends go on, heads may be ahead of what was read, but never behind it.
    for row in log.database().rows(&STREAM_HEADS, &[]).await? {
        let (stream, version) = (row.text("stream")?, row.count("version")?);
        if versions.remove(&stream).is_some_and(|read| read > version) {
            report.fault(format!("stream {stream}: its head says {version}, the log has more"));
        }
    }
    for stream in versions.keys() {
        report.fault(format!("stream {stream} has no head"));
    }
    Ok(report)
}
