//! Two databases behind one type: SQLite in a file, PostgreSQL at scale. Every statement is written once;
//! what differs between the two stands in `statement.rs` and nowhere else. Columns are BIGINT or TEXT only.
//! Knows nothing of logs, views or HTTP.

mod alone;
mod connect;
mod database;
mod error;
mod open;
mod statement;
mod tx;
mod value;

pub use connect::{Migration, ONE_WRITE_TIMEOUT};
pub use database::Database;
pub use error::SqlError;
pub use open::Schema;
pub use statement::{Dialect, Kind, Sql};
pub use tx::{Asked, Tx};
pub use value::{Row, Value};
