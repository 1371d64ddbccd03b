//! Verifies the log: positions dense, versions dense in every stream, every hash right, the head right. Reads the log
//! twice in pages, by position and by stream, in constant memory.

use super::point::LogPoint;
use super::reader::Log;
use crate::sql::{Sql, SqlError};

/// Events, or streams, read at a time.
const PAGE: usize = 1_000;

/// The next streams: how many events each has up to a position, and the version of the last.
static STREAMS: Sql = Sql::new(
    "SELECT stream, COUNT(*) AS events, MAX(version) AS last FROM events
     WHERE stream > $1 AND position <= $2 GROUP BY stream ORDER BY stream LIMIT $3",
);

static STRAY_NOTES: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM notes n WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.position = n.position)",
);

/// The result of a verification.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Events read.
    pub events: u64,
    /// Streams read.
    pub streams: u64,
    /// A sentence for each fault, at most [`MAX_FAULTS`].
    pub faults: Vec<String>,
}

/// Most faults that are listed.
pub const MAX_FAULTS: usize = 100;

impl Report {
    /// Adds a fault, up to the limit.
    pub fn fault(&mut self, text: String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(text);
        }
    }
}

/// Verifies the whole log; `progress` gets the position after each page.
pub async fn verify(log: &Log, mut progress: impl FnMut(u64)) -> Result<Report, SqlError> {
    let head = log.head().await?;
    let mut report = Report::default();
    let mut hash = LogPoint::START.hash;
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
    verify_streams(log, head.position, &mut report).await?;
    let stray = log.database().row(&STRAY_NOTES, &[]).await?.map_or(Ok(0), |row| row.count("n"))?;
    if stray > 0 {
        report.fault(format!("{stray} notes belong to no event"));
    }
    Ok(report)
}

/// Verifies that the versions of each stream are dense.
async fn verify_streams(log: &Log, end: u64, report: &mut Report) -> Result<(), SqlError> {
    let mut after = String::new();
    loop {
        let values = [after.as_str().into(), end.into(), u64::try_from(PAGE).unwrap_or(u64::MAX).into()];
        let page = log.database().rows(&STREAMS, &values).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.text("stream")?;
        for row in page {
            let (stream, events, last) = (row.text("stream")?, row.count("events")?, row.count("last")?);
            report.streams += 1;
            if events != last {
                report.fault(format!("stream {stream}: {events} events, the last has version {last}"));
            }
        }
    }
}
