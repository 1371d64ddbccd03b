//! A lease on work that one replica should do. It is for efficiency only: two holders do no harm, since the stream's
//! sequence fences the relay, and the checkpoint every projector.

use std::time::Duration;

use uuid::Uuid;

use crate::sql::{Database, Dialect, Sql, SqlError};
use contract::ids::new_id;

/// How often the holder renews the lease, and the others try to take it.
pub const RENEW: Duration = Duration::from_millis(500);

/// The lease of a silent holder ends after two seconds of the database's clock, which all replicas share. A lease
/// that would last longer comes from before the clock was set back, and does not count.
static TAKE: Sql = Sql::new(
    "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, now() + INTERVAL '2 seconds')
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
     WHERE leases.holder = excluded.holder OR leases.expires_at NOT BETWEEN now() AND excluded.expires_at",
);

/// A claim to one piece of work.
#[derive(Debug)]
pub struct Lease {
    database: Database,
    name: String,
    holder: Uuid,
    checked: Option<(tokio::time::Instant, bool)>,
}

impl Lease {
    /// A claim in the name of this process.
    pub fn new(database: Database, name: &str) -> Self {
        Self { database, name: name.to_owned(), holder: new_id(), checked: None }
    }

    /// Whether this process does the work now. Queries the database no more often than [`RENEW`].
    pub async fn hold(&mut self) -> Result<bool, SqlError> {
        // A SQLite file serves one process.
        if self.database.dialect() == Dialect::Sqlite {
            return Ok(true);
        }
        if let Some((checked_at, held)) = self.checked
            && checked_at.elapsed() < RENEW
        {
            return Ok(held);
        }
        self.checked = None;
        let held = self.database.execute(&TAKE, &[self.name.as_str().into(), self.holder.into()]).await? == 1;
        self.checked = Some((tokio::time::Instant::now(), held));
        Ok(held)
    }
}
