//! Who does the work that one replica is enough for. A lease is for efficiency only: two holders at once do no harm,
//! since the relay is fenced by the stream's sequence and every projector by its checkpoint.

use std::time::Duration;

use uuid::Uuid;

use crate::sql::{Database, Dialect, Sql, SqlError};
use contract::ids::new_id;

/// How often the holder renews it, and the others ask.
pub const RENEW: Duration = Duration::from_millis(500);

/// A silent holder keeps the lease for two seconds of the database's clock, the one that all replicas share. After that clock was
/// set back a lease seems to last longer than any can, and is none.
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
    asked: Option<(tokio::time::Instant, bool)>,
}

impl Lease {
    /// A claim in the name of this process.
    pub fn new(database: Database, name: &str) -> Self {
        Self { database, name: name.to_owned(), holder: new_id(), asked: None }
    }

    /// Whether this process does the work now. Asks the database no more often than [`RENEW`].
    pub async fn hold(&mut self) -> Result<bool, SqlError> {
        // A SQLite file has one process that serves it.
        if self.database.dialect() == Dialect::Sqlite {
            return Ok(true);
        }
        if let Some((asked, held)) = self.asked
            && asked.elapsed() < RENEW
        {
            return Ok(held);
        }
        self.asked = None;
        let held = self.database.execute(&TAKE, &[self.name.as_str().into(), self.holder.into()]).await? == 1;
        self.asked = Some((tokio::time::Instant::now(), held));
        Ok(held)
    }
}
