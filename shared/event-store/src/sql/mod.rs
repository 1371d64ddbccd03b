//! Two databases behind one type: SQLite in a file, PostgreSQL at scale. Every statement is written once; the
//! differences are in `statement.rs` (texts), `bind.rs` and `row.rs` (values), and `migrate.rs` (column types).
//! Columns have their own types: see [`Kind`].

mod bind;
mod connect;
mod connection;
mod database;
mod error;
mod file;
mod migrate;
mod moment;
mod postgres;
mod row;
mod servers;
mod statement;
mod suspicion;
mod tx;
mod value;
mod wal;

pub use connect::ONE_WRITE_TIMEOUT;
pub use database::Database;
pub use error::{MigrationError, SqlError, failures, is_unusable};
pub use migrate::{LOCK_TIMEOUT, Migration, Schema};
pub use postgres::PostgresPools;
pub use row::Row;
pub use servers::hosts;
pub use statement::{Dialect, Sql};
pub use tx::{QueuedQuery, Tx};
pub use value::{Kind, Value};
pub use wal::leave_in_one_file;
