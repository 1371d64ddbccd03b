//! Empties the names and addresses of statements when the time to keep them is over: so many years after the end of the year of issue,
//! where the company is. It happens by itself; several replicas that do it at once do no harm.

use std::time::Duration;

use contract::clock::{Day, Moment};
use contract::statements::KeepYears;
use contract::zone::Zone;
use event_store::sql::{Database, Sql, SqlError};

use crate::settings;
use crate::state::AppState;

/// How often is looked whether a time is over, the pause where there is more to do, and the one after a failure.
const LOOK: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_millis(100);
const RETRY: Duration = Duration::from_secs(10);
/// Most statements of one transaction; the pause after it lets writers in.
const AT_ONCE: u64 = 500;

static IS_OVER: Sql =
    Sql::new("SELECT statement_id FROM statement_names WHERE blanked_at IS NULL AND issued_at < $1 LIMIT 1");
static BLANK: Sql = Sql::new(
    "UPDATE statement_names SET company = '{}', agent = '{}', blanked_at = $2 WHERE statement_id IN (
         SELECT statement_id FROM statement_names WHERE blanked_at IS NULL AND issued_at < $1 ORDER BY issued_at LIMIT $3)",
);
// The reasons of corrections stand on statements, so they are kept as long, also of an agent who was erased.
static ERASE_REASONS: Sql = Sql::new(
    "DELETE FROM notes WHERE position IN (SELECT e.position FROM ledger_entries e WHERE e.kind = 'correction' AND e.recorded_at < $1)",
);

/// Empties names until the task is aborted.
pub async fn run(app: AppState) {
    loop {
        let pause = match blank(app.database(), app.clock.now()).await {
            Ok(AT_ONCE) => PAUSE,
            Ok(_) => LOOK,
            Err(error) => {
                tracing::warn!(error = %error, "names on old statements could not be emptied; trying again later");
                RETRY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Empties the names of statements whose time is over, the oldest first and not too many at once; returns how many.
pub async fn blank(database: &Database, now: Moment) -> Result<u64, SqlError> {
    let settings = settings::queries::get(database).await?;
    let Some(before) = kept_from(&settings.zone()?, settings.statements.keep_years, now) else { return Ok(0) };
    if database.row(&IS_OVER, &[before.into()]).await?.is_none() {
        return Ok(0);
    }
    let mut tx = database.begin().await?;
    tx.erases();
    let blanked = tx.execute(&BLANK, &[before.into(), now.into(), AT_ONCE.into()]).await?;
    tx.execute(&ERASE_REASONS, &[before.into()]).await?;
    tx.commit().await?;
    if blanked > 0 {
        tracing::info!(statements = blanked, "names were emptied, since the time to keep them is over");
    }
    Ok(blanked)
}

/// The first moment whose statements keep their names: the start of a year.
fn kept_from(zone: &Zone, keep: KeepYears, now: Moment) -> Option<Moment> {
    zone.start(&format!("{:04}-01-01", year(zone.day(now)?)?.checked_sub(i32::from(keep.0))?))
}

/// The last day on which a statement of this moment keeps its names.
pub fn kept_until(zone: &Zone, keep: KeepYears, issued_at: Moment) -> Option<Day> {
    format!("{:04}-12-31", year(zone.day(issued_at)?)?.checked_add(i32::from(keep.0))?).parse().ok()
}

fn year(day: Day) -> Option<i32> {
    day.to_string().get(..4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_until_the_end_of_a_year_where_the_company_is() {
        let zone = Zone::named("America/New_York").unwrap();
        let moment = |text| Moment::parse(text).unwrap();
        let (keep, issued_at) = (KeepYears(10), moment("2027-01-01T04:59:59Z"));
        assert_eq!(kept_until(&zone, keep, issued_at).unwrap().to_string(), "2036-12-31");
        let is_kept = |now| issued_at >= kept_from(&zone, keep, moment(now)).unwrap();
        assert!(is_kept("2037-01-01T04:59:59Z") && !is_kept("2037-01-01T05:00:00Z"));
    }
}
