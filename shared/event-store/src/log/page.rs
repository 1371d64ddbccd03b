use super::reader::Log;
use crate::sql::SqlError;
use contract::selection::Selection;

/// Bytes after which a page ends, however few events it has.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Events per query while a page is read.
const READ_AT_A_TIME: usize = 128;
/// Most events that are read for a page. A page of a selection that has few of them ends there.
const MOST_READ: usize = 20_000;

/// A page of events.
#[derive(Debug)]
pub struct LinesPage {
    /// A line of JSON for each.
    pub text: String,
    /// The position behind which the next page begins. Selected events up to there are in this page or in those before.
    pub next: u64,
}

/// Up to `limit` selected events after a position as lines of JSON, or as many as fill a page, but at least one if the log has one
/// within [`MOST_READ`] events.
pub async fn page_of_lines(log: &Log, after: u64, limit: usize, selection: &Selection) -> Result<LinesPage, SqlError> {
    let (mut page, mut count, mut read) = (LinesPage { text: String::new(), next: after }, 0, 0);
    while count < limit && read < MOST_READ {
        let wanted = if selection.is_everything() { READ_AT_A_TIME.min(limit - count) } else { READ_AT_A_TIME };
        let events = log.read_after(page.next, wanted).await?;
        for event in &events {
            if selection.takes(&event.type_name, &event.data) {
                let line = event.to_json(log.identity()).map_err(|_| SqlError::Column { column: "data".to_owned() })?;
                if count == limit || count > 0 && page.text.len() + line.len() > PAGE_BYTES {
                    return Ok(page);
                }
                page.text.push_str(&line);
                page.text.push('\n');
                count += 1;
            }
            page.next = event.position;
        }
        read += events.len();
        if events.len() < wanted {
            break;
        }
    }
    Ok(page)
}
