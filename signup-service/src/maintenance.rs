//! What an operator does to the service's data from a shell: check, rebuild, handle parked events.

use std::collections::HashMap;
use std::sync::Arc;

use contract::clock::Clock;
use contract::events::Contract;
use contract::events::signups::SignupsEvent;
use event_store::health::Health;
use event_store::log::{CommandMeta, Log, LogError, SubmitError, Writer};
use event_store::projections::rebuild::{self, RebuildError, Step};
use event_store::projections::{Projection, parked};
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Value};
use uuid::Uuid;
use web::cli::service::{OpenError, ServiceData};
use web::settings::Settings;

use crate::command::Refused;
use crate::customers::model::SettleLostData;
use crate::customers::projection::CustomerWords;
use crate::customers::restored;
use crate::customers::service::model::served_customer;
use crate::handler::SignupCommandHandler;
use crate::keys::projection::KeysProjection;
use crate::signups::projection::KeyUsage;

pub const PROJECTION: &str = KeysProjection::NAME;
const PAGE: usize = 2_000;

const MAX_FAULTS: usize = 100;

static CUSTOMERS_NAMED: Sql = Sql::rows(
    "SELECT id, customer_number, key, agent_id, erased_at, lost_at, provisioned_at, closed_at FROM customers WHERE id {among}",
    &[("id", Kind::Uuid)],
);
/// Search words of an erased customer may remain until the projection of the words has caught up.
static CUSTOMERS: Sql = Sql::new(
    "SELECT c.id, (c.erased_at IS NOT NULL) AS erased, (c.lost_at IS NOT NULL) AS lost,
         (COALESCE(c.email, c.first_name, c.last_name, c.phone, c.phone_e164, c.company, c.address, c.postal_code, c.city,
             c.state, c.country, c.language, c.time_zone, c.currency, c.vat_number) IS NOT NULL
             OR c.email_digest IS NOT NULL
             OR EXISTS (SELECT 1 FROM customer_accounts a WHERE a.customer_id = c.id)
             OR EXISTS (SELECT 1 FROM confirmations f WHERE f.customer_id = c.id AND (c.erased_at IS NOT NULL
                 OR c.lost_at IS NOT NULL))) AS personal,
         EXISTS (SELECT 1 FROM customer_words w WHERE w.customer_id = c.id) AND NOT EXISTS (
             SELECT 1 FROM checkpoints k JOIN log_head h ON k.position < h.position
             WHERE k.projection = 'customer-words') AS has_words,
         EXISTS (SELECT 1 FROM events e WHERE e.stream = 'customer-' || {text_of c.id}) AS logged,
         EXISTS (SELECT 1 FROM events e WHERE e.stream = 'customer-' || {text_of c.id} AND e.version > 1
             AND e.type = 'signpost.signups.customer_erased.v1') AS erasure_logged,
         EXISTS (SELECT 1 FROM events e WHERE e.stream = 'customer-' || {text_of c.id} AND e.version > 1
             AND e.type = 'signpost.signups.customer_data_lost.v1') AS loss_logged
     FROM customers c WHERE c.id > $1 ORDER BY c.id LIMIT $2",
);
static OVER_CAP: Sql = Sql::new("SELECT key, placed FROM key_usage WHERE placed > cap LIMIT $1");

pub fn data(settings: &Settings) -> ServiceData {
    ServiceData {
        name: crate::app::SERVICE,
        url: settings.signup_database_url.clone(),
        migrations: crate::app::migrations(),
        projections: &[(KeysProjection::NAME, "agents"), (CustomerWords::NAME, "signups")],
    }
}

/// Opens the service's database and log without creating or migrating anything.
pub async fn open_existing(settings: &Settings) -> Result<(Database, Log), OpenError> {
    data(settings).open().await
}

/// Opens the service's database and log; migrates the database first.
pub async fn open(settings: &Settings) -> Result<(Database, Log), SqlError> {
    crate::app::open(&settings.signup_database_url).await
}

pub async fn compare(
    database: &Database,
    agents_log: &Log,
    progress: impl FnMut(Step),
) -> Result<Vec<String>, RebuildError> {
    rebuild::compare(&KeysProjection, database, agents_log, progress).await
}

/// Compares the counts behind caps with the fold of the service's own log.
pub async fn compare_usage(
    database: &Database,
    log: &Log,
    progress: impl FnMut(Step),
) -> Result<Vec<String>, RebuildError> {
    rebuild::compare(&KeyUsage, database, log, progress).await
}

/// Rebuilds the projection and switches over.
pub async fn rebuild(database: &Database, agents_log: &Log, progress: impl FnMut(Step)) -> Result<u64, RebuildError> {
    rebuild::rebuild(&KeysProjection, database, agents_log, progress).await
}

/// Rebuilds the counts behind caps and switches over.
pub async fn rebuild_usage(database: &Database, log: &Log, progress: impl FnMut(Step)) -> Result<u64, RebuildError> {
    rebuild::rebuild(&KeyUsage, database, log, progress).await
}

/// Rebuilds the search words and switches over.
pub async fn rebuild_words(database: &Database, log: &Log, progress: impl FnMut(Step)) -> Result<u64, RebuildError> {
    rebuild::rebuild(&CustomerWords, database, log, progress).await
}

/// Applies a stream's parked events.
pub async fn retry(database: &Database, projection: &str, stream: &str) -> Result<usize, SqlError> {
    if projection == CustomerWords::NAME {
        return parked::retry(&CustomerWords, database, stream).await;
    }
    parked::retry(&KeysProjection, database, stream).await
}

/// Gives up a stream's parked events.
pub async fn drop(database: &Database, projection: &str, stream: &str, reason: &str) -> Result<u64, SqlError> {
    if projection == CustomerWords::NAME {
        return parked::drop_stream::<CustomerWords>(database, stream, reason).await;
    }
    parked::drop_stream::<KeysProjection>(database, stream, reason).await
}

/// Checks that the service's own tables agree with its log; returns a sentence for each difference. Memory use does
/// not grow with the log.
pub async fn check(database: &Database, log: &Log) -> Result<Vec<String>, LogError> {
    let mut faults = Vec::new();
    check_log_in_table(database, log, &mut faults).await?;
    check_table_in_log(database, &mut faults).await?;
    check_caps(database, &mut faults).await?;
    Ok(faults)
}

/// Every customer in the log is in the table, with the same facts.
async fn check_log_in_table(database: &Database, log: &Log, faults: &mut Vec<String>) -> Result<(), LogError> {
    let mut position = 0;
    while faults.len() < MAX_FAULTS {
        let page = log.read_after(position, PAGE).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
        let mut events = Vec::new();
        for event in page {
            let read = SignupsEvent::read(&event.type_name, &event.data)?;
            events.push(read.ok_or(LogError::UnknownType(event.type_name))?);
        }
        let ids = events.iter().filter_map(customer_of).map(|id| vec![id.into()]).collect();
        let rows = database.rows_for_many(&CUSTOMERS_NAMED, ids).await?;
        let customers = rows.iter().map(|row| row.uuid("id").map(|id| (id, row)));
        let customers = customers.collect::<Result<HashMap<_, _>, _>>()?;
        for event in &events {
            let Some(id) = customer_of(event) else { continue };
            match customers.get(&id) {
                None => faults.push(format!("customer {id}: in the log, not in the table")),
                Some(row) if !agrees(event, row)? => faults.push(format!("customer {id}: the log says otherwise")),
                Some(_) => {}
            }
        }
    }
    Ok(())
}

/// Restores what the log says and the tables lack, after events were restored into the log: counts of placements,
/// customers without personal data, erasures.
pub async fn restore_tables(database: &Database, log: &Log) -> Result<(), RestoreTablesError> {
    rebuild_usage(database, log, |_| {}).await?;
    let mut position = 0;
    loop {
        let page = log.read_after(position, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        position = last.position;
        let mut tx = database.begin().await?;
        restored::restore(&mut tx, &page).await?;
        tx.commit().await?;
    }
}

#[derive(Debug, thiserror::Error)]
pub enum RestoreTablesError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
}

/// Records in the log that customers' personal data are lost; returns the number of customers.
pub async fn settle_lost_data(database: &Database, log: &Log, clock: Clock) -> Result<u64, SettleError> {
    let health = Health::new("signups").dependency("writer");
    let writer = Writer::start(log.clone(), clock.clone(), SignupCommandHandler::new(clock), health, Vec::new());
    let (mut settled, mut after) = (0, Uuid::nil());
    loop {
        let lost = restored::without_data(database, after).await?;
        let Some(&end) = lost.last() else { return Ok(settled) };
        after = end;
        for customer_id in lost {
            let what = format!("lost-data:{customer_id}");
            let command = CommandMeta::of_system(&what, format!("system:{what}"));
            writer.submit(command, Arc::new(SettleLostData { customer_id })).await?;
            settled += 1;
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error("the log cannot be written")]
    Log(#[from] SubmitError<Refused>),
}

/// What is wrong with the checkpoint of the search words in the service's own log.
pub async fn fault_of_words(database: &Database, log: &Log) -> Result<Option<String>, SqlError> {
    rebuild::fault_of_checkpoint::<CustomerWords>(database, log).await
}

/// What is wrong with the lookup table's checkpoint in the agents' log.
pub async fn fault_of_keys(database: &Database, agents_log: &Log) -> Result<Option<String>, SqlError> {
    rebuild::fault_of_checkpoint::<KeysProjection>(database, agents_log).await
}

fn customer_of(event: &SignupsEvent) -> Option<Uuid> {
    match event {
        SignupsEvent::CustomerPlaced(placed) => Some(placed.customer_id),
        SignupsEvent::CustomerCorrected(corrected) => Some(corrected.customer_id),
        SignupsEvent::CustomerErased(erased) => Some(erased.customer_id),
        SignupsEvent::CustomerDataLost(lost) => Some(lost.customer_id),
        other => served_customer(other),
    }
}

fn agrees(event: &SignupsEvent, row: &Row) -> Result<bool, SqlError> {
    Ok(match event {
        SignupsEvent::CustomerPlaced(placed) => {
            row.text("customer_number")? == placed.customer_number
                && row.text("key")? == placed.key
                && row.uuid("agent_id")? == placed.agent_id
        }
        SignupsEvent::CustomerErased(_) => row.opt_moment("erased_at")?.is_some(),
        SignupsEvent::CustomerDataLost(_) => row.opt_moment("lost_at")?.is_some(),
        SignupsEvent::CustomerCorrected(corrected) => row.uuid("agent_id")? == corrected.agent_id,
        SignupsEvent::CustomerProvisioned(_) => row.opt_moment("provisioned_at")?.is_some(),
        SignupsEvent::CustomerClosed(_) => row.opt_moment("closed_at")?.is_some(),
        // What may be over by now.
        SignupsEvent::ProvisioningFailed(_)
        | SignupsEvent::CustomerSuspended(_)
        | SignupsEvent::CustomerReinstated(_)
        | SignupsEvent::SignupRefused(_)
        | SignupsEvent::SignupPageViewed(_) => true,
    })
}

/// Every customer in the table is in the log, and erased in both or in neither.
async fn check_table_in_log(database: &Database, faults: &mut Vec<String>) -> Result<(), SqlError> {
    let mut after = Uuid::nil();
    while faults.len() < MAX_FAULTS {
        let rows = database.rows(&CUSTOMERS, &[after.into(), limit()]).await?;
        let Some(last) = rows.last() else { break };
        after = last.uuid("id")?;
        for row in rows {
            let id = row.uuid("id")?;
            if !row.flag("logged")? {
                faults.push(format!("customer {id}: not in the log"));
            } else if row.flag("erased")? != row.flag("erasure_logged")? {
                faults.push(format!("customer {id}: the table and the log do not agree about its erasure"));
            }
            let is_gone = row.flag("erased")? || row.flag("loss_logged")?;
            if is_gone && (row.flag("personal")? || row.flag("has_words")?) {
                faults.push(format!("customer {id}: has personal data in spite of its erasure or loss"));
            } else if !is_gone && !row.flag("personal")? {
                faults.push(format!("customer {id}: the personal data are lost; see `signpost repair`"));
            }
        }
    }
    Ok(())
}

async fn check_caps(database: &Database, faults: &mut Vec<String>) -> Result<(), SqlError> {
    for row in database.rows(&OVER_CAP, &[limit()]).await? {
        faults.push(format!("key {}: {} placements are more than its cap", row.text("key")?, row.count("placed")?));
    }
    Ok(())
}

fn limit() -> Value {
    u64::try_from(PAGE).unwrap_or(u64::MAX).into()
}
