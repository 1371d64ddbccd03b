//! Sales: the projection of the signups' log, and reads of it. Nothing personal is in it.

pub mod api;
pub mod changes;
pub mod placements;
pub mod projection;
pub mod summary;
pub mod unknown_keys;
