//! Backups of the two databases, made and restored as the run book describes.

use std::path::{Path, PathBuf};

use harness::scratch::Scratch;
use harness::{Context, Pair, Result, ensure, eventually, postgres, seconds};

/// One of the two databases.
#[derive(Clone, Copy)]
pub enum Side {
    Agents,
    Signup,
}

impl Side {
    pub fn other(self) -> Self {
        match self {
            Self::Agents => Self::Signup,
            Self::Signup => Self::Agents,
        }
    }

    fn url(self, pair: &Pair) -> Result<&str> {
        match self {
            Self::Agents => pair.agents_database(),
            Self::Signup => pair.signup_database(),
        }
    }

    fn file(self, pair: &Pair) -> Result<PathBuf> {
        let name = if matches!(self, Self::Agents) { "agents.sqlite" } else { "signups.sqlite" };
        let line = pair.command_line()?;
        let folder = line.settings.iter().find(|(name, _)| name == "SIGNPOST_DATA_DIR");
        Ok(PathBuf::from(&folder.context("the embedded pair has a data folder")?.1).join(name))
    }

    /// A backup as in the run book, while the pair works.
    pub async fn copy(self, pair: &Pair) -> Result<Scratch> {
        let scratch = Scratch::new("copy")?;
        let copy = scratch.path().join("copy");
        if pair.is_embedded() {
            run("sqlite3".into(), &[path(&self.file(pair)?)?, &format!(".backup {}", path(&copy)?)]).await?;
        } else {
            let url = self.url(pair)?;
            run(program("pg_dump")?, &["--format=custom", &format!("--file={}", path(&copy)?), url]).await?;
        }
        Ok(scratch)
    }

    /// Removes the database's file, or all its content.
    pub async fn lose(self, pair: &Pair) -> Result<()> {
        if pair.is_embedded() {
            let file = self.file(pair)?;
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", path(&file)?));
            }
            return Ok(());
        }
        postgres::execute(self.url(pair)?, "DROP SCHEMA public CASCADE; CREATE SCHEMA public".to_owned()).await
    }

    pub async fn restore(self, pair: &Pair, scratch: &Scratch) -> Result<()> {
        let copy = scratch.path().join("copy");
        if pair.is_embedded() {
            let file = self.file(pair)?;
            for suffix in ["-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", path(&file)?));
            }
            std::fs::copy(copy, file)?;
            return Ok(());
        }
        let database = format!("--dbname={}", self.url(pair)?);
        run(program("pg_restore")?, &["--clean", "--if-exists", "--exit-on-error", &database, path(&copy)?]).await
    }
}

fn program(name: &str) -> Result<PathBuf> {
    Ok(PathBuf::from(std::env::var_os("SIGNPOST_TEST_PG_BIN").context("SIGNPOST_TEST_PG_BIN is not set")?).join(name))
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("the path is plain")
}

async fn run(program: PathBuf, arguments: &[&str]) -> Result<()> {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || std::process::Command::new(program).args(arguments).output());
    let output = output.await??;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

pub fn stop(pair: &Pair) {
    for process in pair.processes() {
        process.stop();
    }
}

pub async fn start(pair: &Pair) -> Result<()> {
    for process in pair.processes() {
        process.start_again()?;
    }
    pair.is_ready().await
}

/// Repaired; with the restored copies alone, lost events are given up, which needs consent.
pub async fn decided(pair: &Pair) -> Result<()> {
    if pair.is_embedded() {
        let (status, printed) = pair.command(&["repair", "--yes"])?;
        ensure!(
            status == 1 && printed.contains("--from-log"),
            "repair --yes ended with {status}, and gave up what was lost:\n{printed}"
        );
        let (status, printed) = pair.command(&["repair", "--from-log", "--yes"])?;
        ensure!(status == 0, "signpost repair --from-log --yes ended with {status}:\n{printed}");
    }
    repaired(pair).await
}

/// `signpost repair --yes`, until there is nothing left to repair.
pub async fn repaired(pair: &Pair) -> Result<()> {
    eventually(seconds(40), async || {
        let (status, printed) = pair.command(&["repair", "--yes"])?;
        ensure!(status == 0, "signpost repair --yes ended with {status}:\n{printed}");
        let (status, printed) = pair.command(&["repair"])?;
        ensure!(status == 0, "signpost repair ended with {status}:\n{printed}");
        Ok(())
    })
    .await
}
