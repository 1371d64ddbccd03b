//! The log: one append-only sequence of events, positions gapless and in commit order, chained by hashes. Only the
//! writer (`writer.rs`) appends.

mod batch;
mod batch_scheduler;
mod command_handler;
mod event;
mod forget;
mod halted;
mod hash;
mod head;
mod limits;
mod notes;
mod page;
mod point;
mod reader;
mod recent;
mod restore;
mod secret;
pub mod verify;
mod waiting;
mod witness;
mod writer;

pub use command_handler::{
    AppendResult, CommandHandler, CommandMeta, CommandResponse, Decision, Decisions, ExpectedVersion, Repeated,
    SubmitError,
};
#[cfg(test)]
pub(crate) use event::tests::sample as sample_event;
pub use event::{CommandMark, Envelope, Identity, Malformed, NewEvent, RecordedEvent};
pub use forget::{FORGOTTEN_AT_ONCE, forget_now_and_then};
pub use halted::watch_halted;
pub use hash::{EventHash, NotAHash};
pub use limits::{MAX_BATCH, MAX_EVENT_BYTES, MAX_EVENTS_OF_ONE, MAX_TOGETHER, MAX_WAITING};
pub use notes::{erase_notes, queue_erasure_of_notes};
pub use page::{LinesPage, PAGE_BYTES, page_of_lines};
pub use point::{Containment, Diverged, LogPoint};
pub use reader::{History, Log, LogError, Wanted, histories};
pub use restore::{RestoreError, restore};
pub use secret::{DIGEST_BYTES, Secret};
pub use witness::{Testimony, Witness};
pub use writer::Writer;

use crate::sql::Migration;

/// The log's own tables. A service's own migrations are numbered from 1101.
pub const MIGRATIONS: &[Migration] =
    &[Migration { version: 1_001, name: "log", text: include_str!("../../migrations/1001_log.sql") }];
