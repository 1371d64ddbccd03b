//! Sales: the projection of the signups' log ([`projection`]), and reads of it: sums in [`summary`], placements,
//! unknown keys. It holds no personal data. The portal's reads name their agent, and the statements read only that
//! agent's rows.

pub mod api;
pub mod by_day;
pub mod changes;
pub mod of_agents;
pub mod placements;
pub mod projection;
pub mod summary;
mod sums;
pub mod unknown_keys;
