//! Fills the agents' log with many signup keys, quickly: through the product's own log, without HTTP. The keys follow
//! from their numbers, so a load generator can name any of them without reading.

mod catalogue;
mod command_handler;
mod fill;
mod placements;

pub use catalogue::key;
pub use command_handler::{Page, PlainCommandHandler};
pub use fill::{fill, open};
pub use placements::place;
