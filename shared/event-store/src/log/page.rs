use super::reader::Log;
use crate::sql::SqlError;

/// Bytes after which a page ends, however few events it has.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Events per query while a page is read.
const READ_AT_A_TIME: usize = 128;

/// Up to `limit` events after a position as lines of JSON, or as many as fill a page, but at least one if there is
/// one.
pub async fn page_of_lines(log: &Log, mut position: u64, limit: usize) -> Result<String, SqlError> {
    let (mut text, mut count) = (String::new(), 0);
    while count < limit {
        let wanted = READ_AT_A_TIME.min(limit - count);
        let events = log.read_after(position, wanted).await?;
        for event in &events {
            let line = event.to_json(log.identity()).map_err(|_| SqlError::Column { column: "data".to_owned() })?;
            if count > 0 && text.len() + line.len() > PAGE_BYTES {
                return Ok(text);
            }
            text.push_str(&line);
            text.push('\n');
            count += 1;
            position = event.position;
        }
        if events.len() < wanted {
            break;
        }
    }
    Ok(text)
}
