/// Largest data of one event, in bytes: well below the largest message of a bus.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;
/// Most events of one request.
pub const MAX_EVENTS_OF_ONE: usize = 1_000;
/// Most requests of one batch.
pub const MAX_BATCH: usize = 256;
/// Most requests that are submitted together, for one commit.
pub const MAX_TOGETHER: usize = 1_000;
/// Most submissions in the writer's queue, of one request or of several together; further ones are refused at once.
pub const MAX_WAITING: usize = 1_024;
