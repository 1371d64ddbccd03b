//! What an operator does to the service's data from a shell: check, rebuild, look after parked events.

use std::collections::HashMap;

use shared::clock::Moment;
use shared::events::Contract;
use shared::events::signups::SignupsEvent;
use shared::feed::Feed;
use shared::follow::rebuild::{self, RebuildError};
use shared::follow::{View, parked};
use shared::log::{Log, LogError};
use shared::settings::Settings;
use shared::sql::{Database, Sql, SqlError};
use uuid::Uuid;

use crate::keys::KeysView;

/// The name of the service's view.
pub const VIEW: &str = KeysView::NAME;
/// Rows or events that are read at a time.
const PAGE: usize = 2_000;

static CUSTOMERS: Sql = Sql::new(
    "SELECT id, customer_number, key, agent_id, erased_at,
         COALESCE(email, email_key, first_name, last_name, phone, company, address, postal_code, city, state, country,
             language, time_zone, currency, vat_number) AS personal
     FROM customers WHERE id > $1 ORDER BY id LIMIT $2",
);
static USAGE: Sql = Sql::new(
    "SELECT u.key, u.placed, k.cap FROM key_usage u LEFT JOIN signup_keys k ON k.key = u.key
     WHERE u.key > $1 ORDER BY u.key LIMIT $2",
);

/// Opens the service's database and log.
pub async fn open(settings: &Settings) -> Result<(Database, Log), SqlError> {
    crate::app::open(&settings.signup_database_url).await
}

/// Compares the view with the fold of the agents' log.
pub async fn compare(
    database: &Database,
    mut source: Feed,
    progress: impl FnMut(u64),
) -> Result<Vec<String>, RebuildError> {
    rebuild::compare(&KeysView, database, &mut source, progress).await
}

/// Folds the view anew and switches over.
pub async fn rebuild(database: &Database, mut source: Feed, progress: impl FnMut(u64)) -> Result<u64, RebuildError> {
    rebuild::rebuild(&KeysView, database, &mut source, progress).await
}

/// Applies a stream's parked events.
pub async fn retry(database: &Database, stream: &str) -> Result<usize, SqlError> {
    parked::retry(&KeysView, database, stream).await
}

/// Gives a stream's parked events up.
pub async fn drop(database: &Database, stream: &str, reason: &str) -> Result<u64, SqlError> {
    parked::drop_stream::<KeysView>(database, stream, reason).await
}

/// A customer as either the log or the table has it.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    number: String,
    key: String,
    agent_id: Uuid,
    erased: bool,
}

/// Checks that the service's own tables say what its log says; answers each difference in plain words.
/// Customers who come while this runs are in the log at the end, but need not have been in the table at the beginning.
pub async fn check(database: &Database, log: &Log) -> Result<Vec<String>, LogError> {
    let before = log.head().await?.position;
    let mut faults = Vec::new();
    let stored = stored_customers(database, &mut faults).await?;
    let usage = usage(database, &mut faults).await?;
    let mut logged = HashMap::new();
    let mut counts: HashMap<String, (u64, u64)> = HashMap::new();
    let mut position = 0;
    loop {
        let page = log.read_after(position, PAGE).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
        for event in page {
            let settled = event.position <= before;
            let read = SignupsEvent::read(&event.type_name, &event.data)?;
            match read.ok_or(LogError::UnknownType(event.type_name))? {
                SignupsEvent::CustomerPlaced(placed) => {
                    let count = counts.entry(placed.key.clone()).or_default();
                    *count = (count.0 + u64::from(settled), count.1 + 1);
                    let (number, key) = (placed.customer_number, placed.key);
                    let known = Known { number, key, agent_id: placed.agent_id, erased: false };
                    logged.insert(placed.customer_id, (known, settled));
                }
                SignupsEvent::CustomerErased(erased) => {
                    if let Some((known, known_settled)) = logged.get_mut(&erased.customer_id) {
                        known.erased = true;
                        *known_settled = settled;
                    }
                }
                SignupsEvent::SignupRefused(_) => {}
            }
        }
    }
    compare_customers(&stored, &logged, &mut faults);
    compare_usage(&usage, &counts, &mut faults);
    Ok(faults)
}

async fn stored_customers(database: &Database, faults: &mut Vec<String>) -> Result<HashMap<Uuid, Known>, SqlError> {
    let mut customers = HashMap::new();
    let mut after = String::new();
    loop {
        let rows = database.rows(&CUSTOMERS, &[after.as_str().into(), limit()]).await?;
        let Some(last) = rows.last() else { return Ok(customers) };
        after = last.text("id")?;
        for row in rows {
            let id: Uuid = row.parsed("id")?;
            let erased = row.opt_int("erased_at")?.map(Moment::from_micros).is_some();
            if erased == row.opt_text("personal")?.is_some() {
                faults.push(format!("customer {id}: personal data and erasure do not agree"));
            }
            let (number, key) = (row.text("customer_number")?, row.text("key")?);
            customers.insert(id, Known { number, key, agent_id: row.parsed("agent_id")?, erased });
        }
    }
}

async fn usage(database: &Database, faults: &mut Vec<String>) -> Result<HashMap<String, u64>, SqlError> {
    let mut usage = HashMap::new();
    let mut after = String::new();
    loop {
        let rows = database.rows(&USAGE, &[after.as_str().into(), limit()]).await?;
        let Some(last) = rows.last() else { return Ok(usage) };
        after = last.text("key")?;
        for row in rows {
            let (key, placed) = (row.text("key")?, row.count("placed")?);
            if row.opt_int("cap")?.and_then(|cap| u64::try_from(cap).ok()).is_some_and(|cap| placed > cap) {
                faults.push(format!("key {key}: {placed} placements are more than its cap"));
            }
            usage.insert(key, placed);
        }
    }
}

fn limit() -> shared::sql::Value {
    u64::try_from(PAGE).unwrap_or(u64::MAX).into()
}

fn compare_customers(stored: &HashMap<Uuid, Known>, logged: &HashMap<Uuid, (Known, bool)>, faults: &mut Vec<String>) {
    for (id, customer) in stored {
        match logged.get(id) {
            None => faults.push(format!("customer {id}: not in the log")),
            Some((known, settled)) if *settled && known != customer => {
                faults.push(format!("customer {id}: the log says otherwise"));
            }
            Some(_) => {}
        }
    }
    let missing = logged.iter().filter(|(id, (_, settled))| *settled && !stored.contains_key(*id));
    faults.extend(missing.map(|(id, _)| format!("customer {id}: in the log, not in the table")));
}

/// A count must lie between what was in the log at the beginning and what is there at the end.
fn compare_usage(usage: &HashMap<String, u64>, counts: &HashMap<String, (u64, u64)>, faults: &mut Vec<String>) {
    for (key, (least, most)) in counts {
        let placed = usage.get(key).copied().unwrap_or(0);
        if placed < *least || placed > *most {
            faults.push(format!("key {key}: {placed} placements counted, the log has {most}"));
        }
    }
    let unknown = usage.keys().filter(|key| !counts.contains_key(*key));
    faults.extend(unknown.map(|key| format!("key {key}: placements counted, the log has none")));
}
