//! The rows: each prepares what it needs, lets ours and the peer take turns, and says what came of it.

pub mod append;
pub mod follow;
pub mod relay;
