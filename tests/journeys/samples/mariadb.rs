//! A private `MariaDB` server for the softswitch's accounts.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::ports::free_port;
use harness::process::{CommandLine, Process};
use harness::scratch::log_file;
use harness::{Context, Result, ensure, eventually, seconds};

pub struct MariaDb {
    port: u16,
    _process: Process,
}

impl MariaDb {
    /// Starts the server in this folder, with an empty database `pbx`.
    pub async fn start(journey: &str, folder: &Path) -> Result<Self> {
        let (port, data) = (free_port()?, format!("--datadir={}", folder.join("mariadb").display()));
        let user = Command::new("id").arg("-un").output()?.stdout;
        let user = format!("--user={}", String::from_utf8(user)?.trim());
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", &data, &user, "--auth-root-authentication-method=normal", "--skip-test-db"]);
        let made = install.stdin(Stdio::null()).output().context("mariadb-install-db can't be run")?;
        ensure!(made.status.success(), "no database: {}", String::from_utf8_lossy(&made.stdout));
        let port_option = format!("--port={port}");
        let own = ["--no-defaults", &data, &user, &port_option, "--bind-address=127.0.0.1", "--socket=server.sock"];
        let process = Process::start(CommandLine {
            // Debian installs it outside of ordinary users' path.
            program: "/usr/sbin/mariadbd".into(),
            arguments: own.map(str::to_owned).into(),
            settings: Vec::new(),
            folder: folder.to_path_buf(),
            log: log_file(journey, "mariadb")?,
        })?;
        let server = Self { port, _process: process };
        eventually(seconds(60), async || server.run("CREATE DATABASE pbx").map(drop)).await?;
        Ok(server)
    }

    /// The server as PHP names it.
    pub fn dsn(&self) -> String {
        format!("mysql:host=127.0.0.1;port={};dbname=pbx", self.port)
    }

    /// Runs statements in the database; returns the rows of an answer, with tabs between the values.
    pub fn query(&self, sql: &str) -> Result<Vec<String>> {
        self.run(&format!("USE pbx; {sql}"))
    }

    fn run(&self, sql: &str) -> Result<Vec<String>> {
        let port = self.port.to_string();
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--skip-column-names", "--batch", "-h", "127.0.0.1", "-P", &port, "-u", "root"]);
        let mut child = client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        child.stdin.take().context("piped")?.write_all(sql.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
    }
}
