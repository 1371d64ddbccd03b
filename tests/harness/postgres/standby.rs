//! A standby of a private server, by streaming replication; it may fall behind and be promoted.

use anyhow::{Result, ensure};

use super::{Postgres, data_folder, execute, query_value, run_program};
use crate::scratch::Scratch;
use crate::wait::{eventually, seconds};

/// The standby's name at its primary.
const NAME: &str = "standby";

impl Postgres {
    /// Starts a standby of this server. With a synchronous one, this server acknowledges a commit only after the
    /// standby has it on disk too.
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

    /// Stops the replication: the standby misses further writes.
    pub async fn stop_receiving(&self) -> Result<()> {
        execute(&self.url, "ALTER SYSTEM SET primary_conninfo = ''".to_owned()).await?;
        execute(&self.url, "SELECT pg_reload_conf()".to_owned()).await?;
        self.says("SELECT count(*) FROM pg_stat_wal_receiver", "0").await
    }

    /// Promotes the standby, and waits until it accepts writes.
    pub async fn promote(&self) -> Result<()> {
        execute(&self.url, "SELECT pg_promote(true, 60)".to_owned()).await?;
        self.says("SELECT pg_is_in_recovery()", "false").await
    }

    /// Starts a killed server as a standby of `primary`, at its old address and with a new copy of the data.
    pub async fn return_as_standby_of(&self, primary: &Self) -> Result<()> {
        let own = self.own()?;
        ensure!(!own.process.is_running(), "the server still runs");
        std::fs::remove_dir_all(data_folder(&own.scratch)?)?;
        copy_of(primary.own()?.port, &own.scratch)?;
        self.start_again().await?;
        primary.streams().await
    }

    /// Waits until a standby replicates this server.
    async fn streams(&self) -> Result<()> {
        let query = format!("SELECT state FROM pg_stat_replication WHERE application_name = '{NAME}'");
        self.says(&query, "streaming").await
    }

    /// Waits until the standby shows all that was written so far: what is acknowledged is on its disk, and read a little later.
    pub async fn is_replayed(&self) -> Result<()> {
        let written = query_value(&self.url, "SELECT pg_current_wal_lsn()::TEXT").await?;
        let query = format!(
            "SELECT (replay_lsn >= '{written}')::TEXT FROM pg_stat_replication WHERE application_name = '{NAME}'"
        );
        self.says(&query, "true").await
    }

    async fn says(&self, query: &str, wanted: &str) -> Result<()> {
        eventually(seconds(30), async || {
            let value = query_value(&self.url, query).await?;
            ensure!(value == wanted, "{query} says {value:?}");
            Ok(())
        })
        .await
    }
}

/// Fills the data folder with a copy of a running server's data, configured to follow that server.
fn copy_of(port: u16, scratch: &Scratch) -> Result<()> {
    let from = format!("host=127.0.0.1 port={port} user=postgres application_name={NAME}");
    let data = data_folder(scratch)?;
    let arguments = ["-d", &from, "-D", &data, "-R", "-X", "stream", "-c", "fast", "--no-sync"];
    run_program("pg_basebackup", &arguments, scratch.path())
}
