//! Fills the agents' log with many signup keys, quickly: through the product's own log, without HTTP. The keys follow
//! from their numbers, so a load generator can name any of them without reading.

mod catalogue;
mod command_handler;
mod fill;
mod payments;
mod placements;

pub use catalogue::{Catalogue, agent_id, key};
pub use command_handler::{Page, PlainCommandHandler};
pub use fill::{fill, fill_with, open};
pub use payments::{Business, pay};
pub use placements::place;
