//! Free texts that were given with events, beside the log: read by position, erased by what they are about.

use std::collections::HashMap;

use uuid::Uuid;

use super::reader::Log;
use crate::sql::{Kind, Sql, SqlError, Tx, Value};
use crate::sql_rows;

sql_rows! {
    pub(super) static ADD_NOTES = "INSERT INTO notes ({columns}) SELECT {columns} FROM {rows}";
    pub(super) fn note_row(note: (u64, &(Uuid, String))) {
        position: Int = note.0,
        about: Uuid = note.1.0,
        text: Text = &note.1.1,
    }
}
static AT: Sql = Sql::rows("SELECT position, text FROM notes WHERE position {among}", &[("position", Kind::Int)]);
static ERASE: Sql = Sql::rows("DELETE FROM notes WHERE about {among}", &[("about", Kind::Uuid)]);

impl Log {
    /// The notes of the events at these positions, as far as there are any and they were not erased.
    pub async fn notes(&self, positions: impl IntoIterator<Item = u64>) -> Result<HashMap<u64, String>, SqlError> {
        let rows = positions.into_iter().map(|position| vec![Value::from(position)]).collect();
        let rows = self.database().rows_for_many(&AT, rows).await?;
        rows.iter().map(|row| Ok((row.count("position")?, row.text("text")?))).collect()
    }
}

/// Erases all notes about these ids.
pub async fn erase_notes(tx: &mut Tx, about: impl IntoIterator<Item = Uuid>) -> Result<(), SqlError> {
    tx.execute_many(&ERASE, about.into_iter().map(|id| vec![id.into()]).collect()).await.map(drop)
}

/// Erases all notes about these ids together with the batch's next statements.
pub fn queue_erasure_of_notes(tx: &mut Tx, about: impl IntoIterator<Item = Uuid>) {
    tx.queue(&ERASE, about.into_iter().map(|id| vec![id.into()]).collect());
}
