/// Largest data of one event, in bytes: well below what a bus takes in one message.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;
/// Most events that one request may append.
pub const MAX_EVENTS_OF_ONE: usize = 1_000;
/// Most requests that are committed together.
pub const MAX_BATCH: usize = 256;
/// Most requests that wait for the writer; one more is refused at once.
pub const MAX_WAITING: usize = 1_024;
