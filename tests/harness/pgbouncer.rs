//! `PgBouncer` in transaction mode before a PostgreSQL server.

use anyhow::{Context, Result};
use sqlx::{Connection, PgConnection};

use crate::ports::free_port;
use crate::postgres::{as_postgres, finished, is_root};
use crate::process::{CommandLine, Process};
use crate::scratch::{Scratch, log_file};
use crate::wait::{eventually, seconds};

/// How `PgBouncer` treats unknown startup parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuses {
    /// It refuses the connection, which is its default.
    Unknown,
    /// It drops the usual parameters of PostgreSQL clients.
    Nothing,
}

/// The process is the first field, so that it ends before its folder is removed.
pub struct PgBouncer {
    process: Process,
    port: u16,
    _scratch: Scratch,
}

impl PgBouncer {
    /// Starts it before the server at this port.
    pub async fn start(journey: &str, server: u16, refuses: Refuses) -> Result<Self> {
        let (scratch, port) = (Scratch::new("pgbouncer")?, free_port()?);
        let file = scratch.path().join("pgbouncer.ini");
        let users = scratch.path().join("users.txt");
        let users = users.to_str().context("the temporary folder has a plain name")?;
        let ignored = match refuses {
            Refuses::Unknown => "",
            Refuses::Nothing => "ignore_startup_parameters = extra_float_digits, options\n",
        };
        std::fs::write(users, "\"postgres\" \"\"\n")?;
        std::fs::write(
            &file,
            format!(
                "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
                 unix_socket_dir =\nauth_type = trust\nauth_file = {users}\npool_mode = transaction\n\
                 default_pool_size = 8\nserver_login_retry = 1\nmax_client_conn = 500\n{ignored}"
            ),
        )?;
        if is_root()? {
            finished(std::process::Command::new("chown").args(["-R", "postgres"]).arg(scratch.path()))?;
        }
        let file = file.to_str().context("the temporary folder has a plain name")?;
        // Debian installs it outside of ordinary users' path.
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]
            .into_iter()
            .find(|path| std::fs::exists(path).is_ok_and(|is| is));
        let (program, arguments) = as_postgres(program.context("pgbouncer is not installed")?.into(), &[file])?;
        let (folder, log) = (scratch.path().to_path_buf(), log_file(journey, "pgbouncer")?);
        let process = Process::start(CommandLine { program, arguments, settings: Vec::new(), folder, log })?;
        let bouncer = Self { process, port, _scratch: scratch };
        bouncer.answers().await?;
        Ok(bouncer)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn kill_9(&self) -> Result<()> {
        self.process.kill_9()
    }

    pub async fn start_again(&self) -> Result<()> {
        self.process.start_again()?;
        self.answers().await
    }

    /// All its output.
    pub fn lines(&self) -> Vec<String> {
        self.process.lines()
    }

    async fn answers(&self) -> Result<()> {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        eventually(seconds(30), async || {
            let options: sqlx::postgres::PgConnectOptions = url.parse()?;
            Ok(PgConnection::connect_with(&options.extra_float_digits(None)).await?.close().await?)
        })
        .await
    }
}
