//! A standby of an own server, which streams from it, may be promoted, and may fall behind first.

use anyhow::{Result, ensure};

use super::{Postgres, ask, data_folder, execute, run_program};
use crate::scratch::Scratch;
use crate::wait::{eventually, seconds};

/// The name by which a standby is known to its primary.
const NAME: &str = "standby";

impl Postgres {
    /// Starts a standby that streams from this server. Where it is synchronous, this server acknowledges a commit only when
    /// the standby has it on disk too.
    pub async fn standby(&self, synchronous: bool) -> Result<Self> {
        let own = self.own()?;
        let standby = Self::start(&own.journey, "postgres-standby", |scratch| copy_of(own.port, scratch)).await?;
        self.streams().await?;
        if synchronous {
            execute(&self.url, format!("ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")).await?;
            execute(&self.url, "SELECT pg_reload_conf()".to_owned()).await?;
            let query = format!("SELECT sync_state FROM pg_stat_replication WHERE application_name = '{NAME}'");
            self.says(&query, "sync").await?;
        }
        Ok(standby)
    }

    /// Ends the stream from the primary: from here on the standby misses what is written.
    pub async fn stop_receiving(&self) -> Result<()> {
        execute(&self.url, "ALTER SYSTEM SET primary_conninfo = ''".to_owned()).await?;
        execute(&self.url, "SELECT pg_reload_conf()".to_owned()).await?;
        self.says("SELECT count(*) FROM pg_stat_wal_receiver", "0").await
    }

    /// Makes a standby a server that takes writes, and waits until it does.
    pub async fn promote(&self) -> Result<()> {
        execute(&self.url, "SELECT pg_promote(true, 60)".to_owned()).await?;
        self.says("SELECT pg_is_in_recovery()", "false").await
    }

    /// Starts a server that was killed as a standby of `primary`, at its old address and with a new copy of the data.
    pub async fn return_as_standby_of(&self, primary: &Self) -> Result<()> {
        let own = self.own()?;
        ensure!(!own.process.is_running(), "the server still runs");
        std::fs::remove_dir_all(data_folder(&own.scratch)?)?;
        copy_of(primary.own()?.port, &own.scratch)?;
        self.start_again().await?;
        primary.streams().await
    }

    /// Waits until a standby streams from this server.
    async fn streams(&self) -> Result<()> {
        let query = format!("SELECT state FROM pg_stat_replication WHERE application_name = '{NAME}'");
        self.says(&query, "streaming").await
    }

    async fn says(&self, query: &str, wanted: &str) -> Result<()> {
        eventually(seconds(30), async || {
            let said = ask(&self.url, query).await?;
            ensure!(said == wanted, "{query} says {said:?}");
            Ok(())
        })
        .await
    }
}

/// Fills the data folder with a copy of a running server's data that follows that server.
fn copy_of(port: u16, scratch: &Scratch) -> Result<()> {
    let from = format!("host=127.0.0.1 port={port} user=postgres application_name={NAME}");
    let data = data_folder(scratch)?;
    let arguments = ["-d", &from, "-D", &data, "-R", "-X", "stream", "-c", "fast", "--no-sync"];
    run_program("pg_basebackup", &arguments, scratch.path())
}
