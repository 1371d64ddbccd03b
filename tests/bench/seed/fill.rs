//! Writes the catalogue into a log: many large requests wait for the log's writer, so that it commits large batches.

use anyhow::Result;
use contract::clock::Clock;
use event_store::health::Health;
use event_store::log::{CommandMeta, Log, Writer};
use event_store::sql::Database;
use futures::{StreamExt, TryStreamExt, stream};

use super::catalogue::Catalogue;
use super::command_handler::{Page, PlainCommandHandler};
use crate::progress::Progress;

/// Requests that wait at a time: one commit must take well below the idle limit of a transaction.
const WAITING: usize = 8;

/// Opens an agents-service's database, with its schema, and its log.
pub async fn open(url: &str) -> Result<(Database, Log)> {
    let database = Box::pin(Database::connect(url, &agents_service::maintenance::migrations())).await?;
    let log = Log::open(database.clone(), "agents").await?;
    Ok((database, log))
}

/// Fills the agents' log at `url` with so many keys, whether or not services use it; returns the last position. Repeating
/// it with the same number of keys changes nothing.
pub async fn fill(url: &str, keys: u64) -> Result<u64> {
    fill_with(url, Catalogue::of_keys(keys)).await
}

/// The same with a number of agents.
pub async fn fill_with(url: &str, catalogue: Catalogue) -> Result<u64> {
    let what = format!("seeding {} keys, events", catalogue.keys);
    write(url, &what, catalogue.events(), catalogue.pages(), Clock::System).await
}

/// Writes pages of events into the agents' log, recorded by a clock; returns the last position.
pub async fn write(
    url: &str,
    what: &str,
    count: u64,
    pages: impl Iterator<Item = Result<Page>>,
    clock: Clock,
) -> Result<u64> {
    let (database, log) = open(url).await?;
    let writer =
        Writer::start(log.clone(), clock, PlainCommandHandler, Health::new("agents").dependency("log"), Vec::new());
    let mut progress = Progress::new(what, count);
    progress.at(0);
    let submitted = pages.map(|page| {
        let writer = writer.clone();
        // The next page is generated only when there is room, and in order.
        async move {
            let page = page?;
            let count = u64::try_from(page.events.len())?;
            let (id, fingerprint) = (page.id.clone(), page.id.clone());
            let command = CommandMeta { id, fingerprint, actor: "system".to_owned(), cause: None };
            writer.submit(command, page).await?;
            anyhow::Ok(count)
        }
    });
    let mut answers = stream::iter(submitted).buffered(WAITING);
    let mut done = 0;
    while let Some(count) = answers.try_next().await? {
        done += count;
        progress.at(done);
    }
    progress.done();
    drop(answers);
    let head = log.head().await?.position;
    drop(writer);
    database.close().await;
    Ok(head)
}
