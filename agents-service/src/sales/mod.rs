//! Sales: the projection of the signups' log ([`projection`]), and reads of it: sums in [`summary`], placements, keys that
//! nobody has. Nothing personal is in it. Reads for the portal name its agent, and the statements ask for that agent's rows.

pub mod api;
pub mod changes;
pub mod placements;
pub mod projection;
pub mod summary;
pub mod unknown_keys;
