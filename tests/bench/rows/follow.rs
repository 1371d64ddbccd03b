//! `follow`: a full stream and an empty lookup table. The signup-service's speed of catching up, beside a program
//! that consumes the same stream and writes the same rows with one statement a page.

use anyhow::{Result, ensure};
use harness::process::Process;
use sqlx::{Connection, PgConnection};

use crate::fixture::{Fixture, drop_database, end};
use crate::measure::{Slice, alternate};
use crate::order::Order;
use crate::passage::{Checkpoint, watch};
use crate::table::{Finding, Line};
use crate::usage::Memory;

const WANTED: f64 = 0.7;
const VIEW: &str = signup_service::maintenance::PROJECTION;

/// The content of the lookup table: number of rows, and a digest of all columns.
type Content = (i64, String);

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let fixture = Fixture::start("bench-follow", order).await?;
    let (agents, head) = fixture.seeded(order.events).await?;
    fixture.published(&agents, head).await?;
    drop_database(&agents).await?;
    let (mut memory, mut filled) = (None, None);
    let ours = async || {
        let database = fixture.database("signups").await?;
        let process = fixture.signup_service(&database)?;
        let (slice, content) = catches_up("follow, ours, events", &process, &database, head).await?;
        ensure!(content.0 > 0 && *filled.get_or_insert(content.clone()) == content, "the lookup table varies");
        memory = process.id().map(Memory::of);
        end(&process)?;
        drop_database(&database).await?;
        Ok(slice)
    };
    let mut copied = None;
    let peer = async || {
        let database = fixture.database("signups").await?;
        // The product creates its own tables and indexes.
        let (opened, _) = Box::pin(signup_service::app::open(&database)).await?;
        opened.close().await;
        let process = fixture.peer("bench-consume", &[&database, fixture.nats.url(), &head.to_string()])?;
        let (slice, content) = catches_up("follow, peer, events", &process, &database, head).await?;
        ensure!(*copied.get_or_insert(content.clone()) == content, "the peer's table varies");
        end(&process)?;
        drop_database(&database).await?;
        Ok(slice)
    };
    let turns = alternate(order.turns, ours, peer).await?;
    ensure!(filled == copied, "the peer's lookup table {copied:?} is not the same as ours {filled:?}");
    let line = Line {
        what: format!("catching up {head} events into the lookup table"),
        peer: "raw consume and upsert".to_owned(),
        turns,
        wanted: WANTED,
        wanted_p99: None,
        memory,
        notes: vec!["from the checkpoint's first movement to the end; both tables were found equal".to_owned()],
    };
    Ok(vec![line.into()])
}

/// Waits until a process moves the checkpoint to the end; returns the slice and the table's content.
async fn catches_up(what: &str, process: &Process, database: &str, head: u64) -> Result<(Slice, Content)> {
    let mut checkpoint = Checkpoint::open(database, VIEW).await?;
    let slice = watch(what, process, head, async || checkpoint.position().await).await?;
    Ok((slice, content(database).await?))
}

async fn content(database: &str) -> Result<Content> {
    let mut connection = PgConnection::connect(database).await?;
    let rows =
        "SELECT COUNT(*), COALESCE(SUM(hashtextextended(k::text, 0)), 0)::text FROM signup_keys k WHERE NOT incomplete";
    Ok(sqlx::query_as(rows).fetch_one(&mut connection).await?)
}
